with
    leaver as (select * from {{ ref("stg_leaver") }}),

    listed as (
        select school_id, school_year, {{ distinct_list("delivery_id") }} as delivery_ids
        from leaver
        group by school_id, school_year
    ),

    result as (select * from {{ ref("int_exam_result") }}),

    examined as (
        select school_id, school_year, {{ union_of_lists("delivery_ids") }} as delivery_ids
        from result
        where procedure = 'EGE'
        group by school_id, school_year
    ),

    parameter as ({{ parameters_by_year(ref("stg_leaver"), ["honours_score_min"]) }}),

    honours as (
        select
            leaver.school_id,
            leaver.school_year,
            leaver.person_pid,
            min(result.test_score) as lowest_score
        from leaver
        inner join
            {{ ref("int_pupil_exam_link") }} as link
            on leaver.school_id = link.school_id
            and leaver.school_year = link.school_year
            and leaver.person_pid = link.person_pid
            and link.procedure = 'EGE'
        inner join
            result
            on link.procedure = result.procedure
            and link.school_id = result.school_id
            and link.school_year = result.school_year
            and link.participant_pid = result.participant_pid
        where
            leaver.grade_label = 11
            and leaver.certificate = 'honours'
            and result.test_score is not null
            and result.subject in ('RU', 'MA')
        group by leaver.school_id, leaver.school_year, leaver.person_pid
    ),

    confirmed as (
        select
            honours.school_id,
            honours.school_year,
            count(*) filter (where honours.lowest_score < parameter.honours_score_min) as n_below,
            count(*) as n_honours
        from honours
        inner join parameter on honours.school_year = parameter.school_year
        group by honours.school_id, honours.school_year
    ),

    share as (
        -- without the list of leavers or the exams of a school nobody knows its honours
        select
            'D1.07f' as measure_code,
            listed.school_id,
            listed.school_year,
            coalesce(confirmed.n_below, 0) as numerator,
            coalesce(confirmed.n_honours, 0) as denominator,
            {{ merged_list("listed.delivery_ids", "examined.delivery_ids") }} as delivery_ids
        from listed
        inner join
            examined
            on listed.school_id = examined.school_id
            and listed.school_year = examined.school_year
        left join
            confirmed
            on listed.school_id = confirmed.school_id
            and listed.school_year = confirmed.school_year
    )

    {{ measure_rows("share", ["numerator", "denominator"]) }}
