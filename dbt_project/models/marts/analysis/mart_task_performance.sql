{%- set paper = ['school_year', 'cal_year', 'season', 'programme_grade', 'subject'] -%}
{%- set counts = ['n_counted', 'points', 'max_seen', 'n_not_started', 'n_not_taught'] -%}
with
    parameter as (
        {{ parameter_row([
            'task_group_n_min', 'task_b_norm', 'task_b_band', 'task_p_norm', 'task_p_band'
        ]) }}
    ),

    school_task as (select * from {{ ref('int_vpr_school_task') }}),

    catalogue as (
        select
            cal_year,
            season,
            programme_grade,
            subject,
            cast(task_no as integer) as task_no,
            replace(replace(replace(kim_no, 'K', 'К'), '(', '.'), ')', '') as kim_no,
            level as task_level,
            max_score,
            kes_codes,
            kt_codes,
            count(*) over (partition by cal_year, season, programme_grade, subject) as n_tasks
        from {{ ref('vpr_task_catalogue') }}
    ),

    -- Without an edition of the same year the nearest one serves if the paper has as many tasks.
    edition as (
        select *
        from
            (
                select
                    p.cal_year,
                    p.season,
                    p.programme_grade,
                    p.subject,
                    p.n_tasks,
                    c.cal_year as edition_year,
                    c.season as edition_season,
                    row_number() over (
                        partition by p.cal_year, p.season, p.programme_grade, p.subject, p.n_tasks
                        order by abs(p.cal_year - c.cal_year), c.cal_year, c.season
                    ) as distance_rank
                from
                    (
                        select distinct cal_year, season, programme_grade, subject, n_tasks
                        from school_task
                    ) as p
                inner join
                    (
                        select distinct cal_year, season, programme_grade, subject, n_tasks
                        from catalogue
                    ) as c
                    on p.programme_grade = c.programme_grade
                    and p.subject = c.subject
                    and (p.n_tasks = c.n_tasks or (p.cal_year = c.cal_year and p.season = c.season))
            ) as ranked
        where distance_rank = 1
    ),

    described as (
        select
            s.school_id,
            s.delivery_id,
            {% for c in paper %} s.{{ c }}, {% endfor %}
            s.mark,
            s.n_part,
            s.source,
            coalesce(c.kim_no, s.task_label) as task_label,
            coalesce(c.task_no, s.task_position) as task_no,
            c.task_level,
            c.kes_codes,
            c.kt_codes,
            s.file_max,
            c.max_score as catalogue_max,
            {% for name in counts %} s.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
        from school_task as s
        left join
            edition as e
            on s.cal_year = e.cal_year
            and s.season = e.season
            and s.programme_grade = e.programme_grade
            and s.subject = e.subject
            and s.n_tasks = e.n_tasks
        left join
            catalogue as c
            on e.edition_year = c.cal_year
            and e.edition_season = c.season
            and s.programme_grade = c.programme_grade
            and s.subject = c.subject
            and case
                when s.is_running_number
                then s.task_position = c.task_no
                else s.task_label = c.kim_no
            end
    ),

    -- One maximum a task of a paper: printed in the files, else in the catalogue, else the
    -- highest seen.
    task_fact as (
        select
            {{ paper | join(', ') }},
            task_label,
            min(task_no) as task_no,
            max(task_level) as task_level,
            max(kes_codes) as kes_codes,
            max(kt_codes) as kt_codes,
            coalesce(max(file_max), max(catalogue_max), nullif(max(max_seen), 0)) as max_score,
            case
                when max(file_max) is not null
                then 'file'
                when max(catalogue_max) is not null
                then 'catalogue'
                when max(max_seen) > 0
                then 'seen'
            end as max_basis
        from described
        group by {{ paper | join(', ') }}, task_label
    ),

    unit as (
        select
            'school' as level,
            d.school_id,
            s.municipality_id,
            d.mark,
            d.source,
            d.task_label,
            {% for c in paper %} d.{{ c }}, {% endfor %} d.n_part,
            d.n_counted,
            d.points,
            d.n_not_started,
            d.n_not_taught,
            d.delivery_id
        from described as d
        inner join {{ ref('stg_school') }} as s on d.school_id = s.school_id
    ),

    -- Rows of a school once for each mark and once for all marks, then the same above the school.
    school_group as (
        select
            school_id,
            municipality_id,
            coalesce(cast(mark as varchar), 'all') as mark_group,
            task_label,
            {{ paper | join(', ') }},
            max(source) as source,
            sum(n_part) as n_part,
            sum(n_counted) as n_counted,
            sum(coalesce(points, 0)) as points,
            sum(n_not_started) as n_not_started,
            sum(n_not_taught) as n_not_taught,
            {{ distinct_list('delivery_id') }} as delivery_ids
        from unit
        group by
            grouping sets (
                (school_id, municipality_id, task_label, {{ paper | join(', ') }}),
                (school_id, municipality_id, task_label, mark, {{ paper | join(', ') }})
            )
        having grouping(mark) = 1 or mark is not null
    ),

    rolled as (
        select
            case
                when grouping(school_id) = 0
                then 'school'
                when grouping(municipality_id) = 0
                then 'municipality'
                else 'register'
            end as level,
            school_id,
            municipality_id,
            mark_group,
            task_label,
            {{ paper | join(', ') }},
            case when min(source) = max(source) then max(source) else 'mixed' end as source,
            count(*) as n_schools,
            sum(n_part) as n_part,
            sum(n_counted) as n_counted,
            sum(points) as points,
            sum(n_not_started) as n_not_started,
            sum(n_not_taught) as n_not_taught,
            case when grouping(school_id) = 0 then max(delivery_ids) end as delivery_ids
        from school_group
        group by
            grouping sets (
                (school_id, municipality_id, mark_group, task_label, {{ paper | join(', ') }}),
                (municipality_id, mark_group, task_label, {{ paper | join(', ') }}),
                (mark_group, task_label, {{ paper | join(', ') }})
            )
    )

select
    r.level,
    r.school_id,
    r.municipality_id,
    r.school_year,
    r.cal_year,
    r.season,
    r.programme_grade,
    r.subject,
    r.mark_group,
    r.task_label,
    f.task_no,
    f.task_level,
    f.kes_codes,
    f.kt_codes,
    f.max_score,
    f.max_basis,
    r.source,
    cast(r.n_schools as integer) as n_schools,
    cast(r.n_part as integer) as n_part,
    cast(r.n_counted as integer) as n_counted,
    100.0 * r.points / nullif(f.max_score * r.n_counted, 0) as pct_done,
    100.0 * r.n_not_started / nullif(r.n_part, 0) as pct_not_started,
    100.0 * r.n_not_taught / nullif(r.n_part, 0) as pct_not_taught,
    case
        when r.n_counted < task_group_n_min or f.task_level is null or f.max_score is null
        then null
        when
            100.0 * r.points / (f.max_score * r.n_counted) >= case
                when f.task_level = 'Б'
                then task_b_norm + task_b_band
                else task_p_norm + task_p_band
            end
        then 'sufficient'
        when
            100.0 * r.points / (f.max_score * r.n_counted) >= case
                when f.task_level = 'Б'
                then task_b_norm - task_b_band
                else task_p_norm - task_p_band
            end
        then 'borderline'
        else 'insufficient'
    end as zone,
    r.n_counted < task_group_n_min as low_confidence,
    r.delivery_ids
from rolled as r
cross join parameter
inner join
    task_fact as f on r.task_label = f.task_label
    {%- for c in paper %} and r.{{ c }} = f.{{ c }}{% endfor %}
where r.mark_group = 'all' or r.n_part >= task_group_n_min
