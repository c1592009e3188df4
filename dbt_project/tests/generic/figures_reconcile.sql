{#- What: nothing is lost or counted twice on the way from the tables to figures: denominators of all
    cuts of schools, and numerators and denominators of the totals of schools, municipalities and
    register, equal the sums of the source.
    When it matters: a join of a measure or of the figures' macro multiplied or dropped rows.
    To resolve: `figure` tells where the sum breaks; start at the step after the last one that holds.

    totals: for one measure of a family and more: measure_code, model (with school_year),
        numerator and denominator (aggregates over its rows), and if need be filter (SQL). -#}
{% test figures_reconcile(model, totals) %}
    with
        measure as (select measure_code, first_year, last_year from {{ ref("int_measure") }}),

        entity as (
            {%- for total in totals %}
                select
                    '{{ total["measure_code"] }}' as measure_code,
                    cast({{ total["numerator"] or "null" }} as double) as numerator,
                    cast({{ total["denominator"] }} as double) as denominator
                from {{ ref(total["model"]) }} as source_row
                inner join
                    measure
                    on measure.measure_code = '{{ total["measure_code"] }}'
                    and {{ in_force("measure", "source_row") }}
                where {{ total["filter"] or "true" }}
                {%- if not loop.last %}
                    union all
                {%- endif %}
            {%- endfor %}
        ),

        figure as (
            select
                measure_code,
                'cuts of schools' as figure,
                cast(null as double) as numerator,
                sum(denominator) as denominator
            from {{ model }}
            where level = 'school' and grade is not null
            group by measure_code
            union all
            select
                figure.measure_code,
                'totals of ' || figure.level,
                -- what is not shown cannot be added
                case
                    when
                        count(
                            case when figure.denominator > 0 and figure.numerator is null then 1 end
                        )
                        = 0
                    then sum(figure.numerator)
                end,
                sum(figure.denominator)
            from {{ model }} as figure
            inner join
                {{ ref("int_measure") }} as measure
                on figure.measure_code = measure.measure_code
                and {{ in_force("measure", "figure") }}
                and figure.breakdown = measure.main_breakdown
            where figure.grade is null and figure.subject is null and figure.season is null
            group by figure.measure_code, figure.level
        )

    select
        entity.measure_code,
        figure.figure,
        entity.numerator,
        figure.numerator as figure_numerator,
        entity.denominator,
        figure.denominator as figure_denominator
    from entity
    inner join figure on entity.measure_code = figure.measure_code
    where
        abs(coalesce(entity.denominator, 0) - coalesce(figure.denominator, 0)) > 1e-6
        or abs(entity.numerator - figure.numerator) > 1e-6
{% endtest %}
