{#- Readings of reference rows: which may be relied on, how languages are grouped. -#}
{#- Whether a reference row is a proposal that the customer has not confirmed. -#}
{% macro is_unconfirmed(confidence) -%}
    coalesce({{ confidence }} in ('memory', 'inferred_from_data'), false)
{%- endmacro %}

{#- Of rows that contradict each other the better confirmed one is used: 1 is the best. -#}
{% macro confidence_rank(confidence) -%}
    case
        {{ confidence }}
        when 'official_text'
        then 1
        when 'secondary'
        then 2
        when 'code_in_public_repo'
        then 3
        when 'inferred_from_data'
        then 4
        else 5
    end
{%- endmacro %}

{#- Reference rows may name any foreign language by FL. -#}
{% macro subject_group(subject) -%}
    case when {{ subject }} in ('EN', 'DE', 'FR', 'ES', 'ZH') then 'FL' else {{ subject }} end
{%- endmacro %}

{#- School year of an official list: the list of year Y closes the school year that ends in Y, also
    where the papers were moved to the autumn of Y; so each school year has one list. -#}
{% macro list_school_year(list_year) -%}
    cast({{ list_year }} - 1 as string) || '/' || right(cast({{ list_year }} as string), 2)
{%- endmacro %}
