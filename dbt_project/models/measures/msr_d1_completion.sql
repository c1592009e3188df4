{#- gross measure, net measure, grade in which a cohort enters, years until its certificate, grades
    in which it gets it -#}
{%- set stages = [
    ("D1.04a", "D1.04b", 10, 1, "11, 12"),
    ("D1.05a", "D1.05b", 5, 4, "9"),
] -%}
with
    leaver as (
        select *, cast(left(school_year, 4) as integer) as starts from {{ ref("stg_leaver") }}
    ),

    -- a school that gave no list of leavers has no figure, not a share of zero
    listed as (
        select
            school_id,
            school_year,
            starts,
            {%- for _, _, entered, _, grades in stages %}
                count(distinct person_pid) filter (
                    where certificate <> 'no' and grade_label in ({{ grades }})
                ) as n_certified_{{ entered }},
            {%- endfor %}
            {{ distinct_list("delivery_id") }} as delivery_ids
        from leaver
        group by school_id, school_year, starts
    ),

    pupils as (
        select *, cast(left(school_year, 4) as integer) as starts from {{ ref("int_school_grade") }}
    ),

    pupils_given as (
        select
            school_id,
            starts,
            {%- for _, _, entered, _, _ in stages %}
                sum(
                    case when grade = {{ entered }} then n_pupils else 0 end
                ) as n_entered_{{ entered }},
            {%- endfor %}
            bool_or(has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from pupils
        group by school_id, starts
    ),

    movement as (
        select *, cast(left(school_year, 4) as integer) as starts from {{ ref("stg_pupil_year") }}
    ),

    contingent as (
        select school_id, starts, {{ distinct_list("delivery_id") }} as delivery_ids
        from movement
        group by school_id, starts
    ),

    {%- for _, _, entered, years, grades in stages %}
        -- the whole way of a cohort must be known, else who left it is not
        way_{{ entered }} as (
            select
                listed.school_id,
                listed.school_year,
                listed.starts,
                {{ union_of_lists("contingent.delivery_ids") }} as delivery_ids
            from listed
            inner join
                contingent
                on listed.school_id = contingent.school_id
                and contingent.starts between listed.starts - {{ years }} and listed.starts
            group by listed.school_id, listed.school_year, listed.starts
            having count(*) = {{ years }} + 1
        ),

        cohort_{{ entered }} as (
            select way.school_id, way.starts, entrant.person_pid
            from way_{{ entered }} as way
            inner join
                movement as entrant
                on way.school_id = entrant.school_id
                and way.starts - {{ years }} = entrant.starts
            where
                entrant.grade_label = {{ entered }}
                and {{ is_pupil_on("entrant", snapshot_day("entrant.school_year")) }}
            group by way.school_id, way.starts, entrant.person_pid
        ),

        stayed_{{ entered }} as (
            select cohort.*
            from cohort_{{ entered }} as cohort
            inner join
                movement
                on cohort.school_id = movement.school_id
                and cohort.person_pid = movement.person_pid
                and movement.starts between cohort.starts - {{ years }} and cohort.starts
            group by cohort.school_id, cohort.starts, cohort.person_pid
            having bool_and(movement.movement_type not in ('transfer', 'moved_out'))
        ),

        net_{{ entered }} as (
            select
                stayed.school_id,
                stayed.starts,
                count(leaver.person_pid) as n_certified,
                count(*) as n_cohort
            from stayed_{{ entered }} as stayed
            left join
                leaver
                on stayed.school_id = leaver.school_id
                and stayed.starts = leaver.starts
                and stayed.person_pid = leaver.person_pid
                and leaver.certificate <> 'no'
                and leaver.grade_label in ({{ grades }})
            group by stayed.school_id, stayed.starts
        ),
    {%- endfor %}

    repeated as (
        select
            school_id,
            school_year,
            grade_label,
            count(distinct case when movement_type = 'repeat' then person_pid end) as n_repeat,
            count(distinct person_pid) as n_pupils,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from movement
        where movement_type not in ('transfer', 'moved_out', 'left')
        group by school_id, school_year, grade_label
    ),

    nine as (
        select
            school_id,
            school_year,
            starts,
            count(*) as n_leavers,
            count(*) filter (where certificate = 'no') as n_without,
            count(*) filter (
                where certificate = 'no' or destination not in ('grade10', 'college', 'retake')
            ) as n_stopped,
            count(*) filter (
                where destination = 'unknown' or (confirmed_on is null and destination <> 'none')
            ) as n_unknown,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from leaver
        where grade_label = 9
        group by school_id, school_year, starts
    ),

    pupils_of_may as (
        select
            school_id,
            starts,
            count(distinct person_pid) as n_pupils,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from movement
        where
            grade_label = 9
            and (enrolled_on is null or enrolled_on <= make_date(starts + 1, 5, 25))
            -- who leaves on the day itself has not left before it
            and (left_on is null or left_on >= make_date(starts + 1, 5, 25))
        group by school_id, starts
    ),

    nine_of_may as (
        select
            nine.*,
            case
                when contingent.school_id is null
                then nine.n_leavers
                else coalesce(pupils_of_may.n_pupils, 0)
            end as n_pupils,
            {{ merged_list("nine.delivery_ids", "coalesce(pupils_of_may.delivery_ids, contingent.delivery_ids)") }}
            as pupils_delivery_ids
        from nine
        left join
            contingent on nine.school_id = contingent.school_id and nine.starts = contingent.starts
        left join
            pupils_of_may
            on nine.school_id = pupils_of_may.school_id
            and nine.starts = pupils_of_may.starts
    ),

    measured as (
        {%- for gross, net, entered, years, _ in stages %}
            select
                '{{ gross }}' as measure_code,
                listed.school_id,
                listed.school_year,
                cast(null as integer) as grade,
                listed.n_certified_{{ entered }} as numerator,
                pupils_given.n_entered_{{ entered }} as denominator,
                {{ merged_list("listed.delivery_ids", "pupils_given.delivery_ids") }}
                as delivery_ids,
                pupils_given.has_unconfirmed
            from listed
            inner join
                pupils_given
                on listed.school_id = pupils_given.school_id
                and listed.starts - {{ years }} = pupils_given.starts
            union all
            select
                '{{ net }}',
                way.school_id,
                way.school_year,
                null,
                coalesce(net.n_certified, 0),
                coalesce(net.n_cohort, 0),
                {{ merged_list("way.delivery_ids", "listed.delivery_ids") }},
                false
            from way_{{ entered }} as way
            inner join listed on way.school_id = listed.school_id and way.starts = listed.starts
            left join
                net_{{ entered }} as net
                on way.school_id = net.school_id
                and way.starts = net.starts
            union all
        {%- endfor %}
        select
            'D1.05c', school_id, school_year, grade_label, n_repeat, n_pupils, delivery_ids, false
        from repeated
        union all
        select
            'D1.06a', school_id, school_year, null, n_stopped, n_pupils, pupils_delivery_ids, false
        from nine_of_may
        union all
        select
            'D1.06b', school_id, school_year, null, n_without, n_pupils, pupils_delivery_ids, false
        from nine_of_may
        union all
        select 'D1.06c', school_id, school_year, null, n_unknown, n_leavers, delivery_ids, false
        from nine_of_may
    )

    {{ measure_rows("measured", ["grade", "numerator", "denominator", "has_unconfirmed"]) }}
