{{ link_mart("context", with_change=false) }}
