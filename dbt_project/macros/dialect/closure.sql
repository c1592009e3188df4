{#- Pairs (earlier, later) of a relation's rows and of all that follow from them, such as a school and
    the successors of its successors. A circle ends by itself.

    relation: where the pairs stand.
    earlier, later: its columns; rows without `later` say nothing. -#}
{% macro all_successors(relation, earlier, later) -%}
    {{ return(adapter.dispatch('all_successors')(relation, earlier, later)) }}
{%- endmacro %}

{% macro duckdb__all_successors(relation, earlier, later) -%}
    with recursive
        pair as (
            select {{ earlier }} as earlier, {{ later }} as later
            from {{ relation }}
            where {{ later }} is not null
            union
            select pair.earlier, link.{{ later }}
            from pair
            inner join {{ relation }} as link on pair.later = link.{{ earlier }}
            where link.{{ later }} is not null
        )
    select earlier, later
    from pair
{%- endmacro %}
