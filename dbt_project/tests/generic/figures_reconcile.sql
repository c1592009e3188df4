{#- What: pupils are neither lost nor counted twice on the way from entities to figures: denominators
    of all cuts of schools, and of the totals of municipalities and register, equal the source's sum.
    When it matters: a join of the figures' macro multiplied or dropped rows.
    To resolve: `figure` tells where the sum breaks; start at the step after the last one that holds. -#}
{% test figures_reconcile(model) %}
    with
        paper as (select * from {{ ref("int_vpr_school_paper") }}),

        entity as (
            select 'D1.03a' as measure_code, sum(n_marked) as n
            from paper
            union all
            select 'D1.13a', sum(n_listed)
            from paper
            union all
            select 'D1.07d', count(test_score)
            from {{ ref("int_exam_result") }}
            where procedure = 'EGE'
            union all
            select 'D1.07c', count(mark)
            from {{ ref("int_exam_result") }}
            where procedure = 'OGE'
        ),

        figure as (
            select measure_code, 'cuts of schools' as figure, sum(denominator) as n
            from {{ model }}
            where level = 'school' and grade is not null
            group by measure_code
            union all
            select measure_code, 'totals of ' || level, sum(denominator)
            from {{ model }}
            where grade is null and subject is null and season is null
            group by measure_code, level
        )

    select entity.measure_code, figure.figure, entity.n as n_source, figure.n as n_figures
    from entity
    inner join figure on entity.measure_code = figure.measure_code
    where coalesce(entity.n, 0) <> coalesce(figure.n, 0)
{% endtest %}
