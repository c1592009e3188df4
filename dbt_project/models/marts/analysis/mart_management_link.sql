{{ link_mart("management", with_change=true) }}
