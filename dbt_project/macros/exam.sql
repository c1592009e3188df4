{#- How attempts of one person at one exam are told apart. -#}
{% macro attempts_of_one() -%} procedure, cal_year, participant_pid, subject, level {%- endmacro %}

{#- Place of an attempt among those of one person at one exam, 1 counts: ЕГЭ the best valid result,
    ОГЭ and ГВЭ the last one, after the reserve days and September. -#}
{% macro attempt_place() -%}
    row_number() over (
        partition by {{ attempts_of_one() }}
        order by
            case when procedure = 'EGE' then result else 0 end desc nulls last,
            exam_date desc,
            delivery_id
    )
{%- endmacro %}
