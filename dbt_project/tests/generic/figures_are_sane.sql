{#- What: status, value, interval, n and zone of a figure agree with each other.
    When it matters: a change of the figures' macro broke a rule that BI relies on.
    To resolve: the column `problem` names the rule; mend macros/values/. `other_people` are measures whose numerator counts others
    than the denominator, so that their share may pass 100 %. -#}
{% test figures_are_sane(model, other_people=[]) %}
    {%- set same_people = "measure_code not in ('" ~ (other_people + ['']) | join("', '") ~ "')" %}
    with
        judged as (
            select
                measure_code,
                level,
                school_id,
                school_year,
                case
                    when status in ('no_data', 'not_applicable') and value is not null
                    then 'значение без данных'
                    when status = 'ok' and value is null and value_text is null
                    then 'нет значения'
                    when unit = '%' and value < 0
                    then 'доля меньше 0'
                    when unit = '%' and value > 100 and {{ same_people }}
                    then 'доля больше 100'
                    when numerator > denominator and unit = '%' and {{ same_people }}
                    then 'числитель больше знаменателя'
                    when ci_low > value + 1e-9 or ci_high < value - 1e-9
                    then 'значение вне интервала'
                    when status <> 'ok' and zone <> 'grey'
                    then 'зона без значения'
                    when status = 'ok' and {{ list_length("delivery_ids") }} = 0
                    then 'значение без поставок'
                    when status not in ('no_data', 'not_applicable') and n is null
                    then 'нет численности'
                    when
                        status in ('no_data', 'not_applicable', 'insufficient_n', 'suppressed')
                        and status_reason is null
                        and value_text is null
                    then 'нет причины'
                end as problem
            from {{ model }}
        )

    select *
    from judged
    where problem is not null
{% endtest %}
