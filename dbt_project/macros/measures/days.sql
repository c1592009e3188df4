{#- Days of a school year to which measures are reckoned. -#}
{#- 20 September: the day of the statistical forms. -#}
{% macro snapshot_day(school_year) -%}
    make_date(cast(left({{ school_year }}, 4) as integer), 9, 20)
{%- endmacro %}

{#- 31 August, the last day of a school year. -#}
{% macro year_end(school_year) -%}
    make_date(cast(left({{ school_year }}, 4) as integer) + 1, 8, 31)
{%- endmacro %}

{#- Whether a day lies in the three years that end with a school year. -#}
{% macro in_last_three_years(day, school_year) -%}
    {{ day }} > make_date(cast(left({{ school_year }}, 4) as integer) - 2, 8, 31)
    and {{ day }} <= {{ year_end(school_year) }}
{%- endmacro %}

{#- Whether something that lasts from a day to a day (empty: still) touches a school year. -#}
{% macro lasts_in_year(first_day, last_day, school_year) -%}
    {{ first_day }} <= {{ year_end(school_year) }}
    and ({{ last_day }} is null or {{ last_day }} >= {{ snapshot_day(school_year) }})
{%- endmacro %}
