with
    expert as (
        select
            school_year,
            person_pid,
            subject,
            procedure_kind,
            delivery_id,
            coalesce(
                trained_on <= {{ year_end("school_year") }}
                and coalesce(valid_to >= {{ year_end("school_year") }}, true),
                false
            ) as is_valid
        from {{ ref("stg_expert") }}
    ),

    given as (
        select school_year, {{ distinct_list("delivery_id") }} as delivery_ids
        from expert
        group by school_year
    ),

    -- an expert of a subject counts once, whatever his roles
    person as (
        select
            school_year,
            subject,
            person_pid,
            bool_or(is_valid) as is_valid,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from expert
        group by school_year, subject, person_pid
    ),

    -- where a measure's subjects are of unlike people, its total is a row of its own
    qualified as (
        select
            school_year,
            subject,
            count(*) filter (where is_valid) as numerator,
            count(*) as denominator,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from person
        where subject is not null
        group by school_year, subject
        union all
        select
            school_year,
            null,
            count(*) filter (where is_valid),
            count(*),
            {{ union_of_lists("delivery_ids") }}
        from person
        group by school_year
    ),

    exam as (select * from {{ ref("int_exam_result") }} where procedure = 'OGE'),

    paper as (select * from {{ ref("int_vpr_school_paper") }}),

    told as (
        {{
            register_speaks_for(
                "(select school_id, school_year from exam union select school_id, school_year from paper)",
                ref("stg_expert"),
            )
        }}
    ),

    -- of schools whose experts are known
    examinee as (
        select
            'oge' as procedure_kind,
            exam.school_year,
            exam.subject,
            count(distinct exam.participant_pid) as n_part,
            {{ union_of_lists("exam.delivery_ids") }} as delivery_ids
        from exam
        inner join told on exam.school_id = told.school_id and exam.school_year = told.school_year
        group by exam.school_year, exam.subject
        union all
        select
            'vpr',
            paper.school_year,
            paper.subject,
            sum(paper.n_part),
            {{ union_of_lists("paper.delivery_ids") }}
        from paper
        inner join told on paper.school_id = told.school_id and paper.school_year = told.school_year
        group by paper.school_year, paper.subject
        having sum(paper.n_part) > 0
    ),

    ready as (
        select school_year, subject, procedure_kind, count(distinct person_pid) as n_experts
        from expert
        where is_valid
        group by school_year, subject, procedure_kind
    ),

    measured as (
        select
            'D1.02b' as measure_code,
            school_year,
            subject,
            'all' as breakdown,
            numerator,
            denominator,
            delivery_ids
        from qualified
        union all
        select
            'D1.02c',
            examinee.school_year,
            examinee.subject,
            examinee.procedure_kind,
            coalesce(ready.n_experts, 0),
            examinee.n_part,
            {{ merged_list("given.delivery_ids", "examinee.delivery_ids") }}
        from examinee
        inner join given on examinee.school_year = given.school_year
        left join
            ready
            on examinee.school_year = ready.school_year
            and examinee.subject = ready.subject
            and examinee.procedure_kind = ready.procedure_kind
    ),

    of_city as (select *, cast(null as string) as school_id from measured)

    {{ measure_rows("of_city", ["subject", "breakdown", "numerator", "denominator"]) }}
