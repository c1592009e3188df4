{#- Readings of reference rows: which may be relied on, how languages are grouped. -#}
{#- Whether a reference row is a proposal that the customer has not confirmed. -#}
{% macro is_unconfirmed(confidence) -%}
    coalesce({{ confidence }} in ('memory', 'inferred_from_data'), false)
{%- endmacro %}

{#- Reference rows may name any foreign language by FL. -#}
{% macro subject_group(subject) -%}
    case when {{ subject }} in ('EN', 'DE', 'FR', 'ES', 'ZH') then 'FL' else {{ subject }} end
{%- endmacro %}

{#- School year of an official list: the list of year Y closes the school year that ends in Y, also
    where the papers were moved to the autumn of Y; so each school year has one list. -#}
{% macro list_school_year(list_year) -%}
    cast({{ list_year }} - 1 as varchar) || '/' || right(cast({{ list_year }} as varchar), 2)
{%- endmacro %}
