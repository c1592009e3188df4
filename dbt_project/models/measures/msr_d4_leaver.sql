with
    leaver as (select * from {{ ref("stg_leaver") }}),

    listed as (
        select school_id, school_year, {{ distinct_list("delivery_id") }} as delivery_ids
        from leaver
        group by school_id, school_year
    ),

    link as (select * from {{ ref("int_pupil_exam_link") }}),

    result as (select * from {{ ref("int_exam_result") }}),

    examined as (
        select
            procedure, school_id, school_year, {{ union_of_lists("delivery_ids") }} as delivery_ids
        from result
        group by procedure, school_id, school_year
    ),

    entry as (
        select *, {{ is_unconfirmed("confidence") }} as is_unconfirmed
        from {{ ref("exam_threshold") }}
        where procedure = 'EGE' and kind = 'entry_rosobrnadzor' and value is not null
    ),

    entry_year as (select distinct {{ list_school_year("cal_year") }} as school_year from entry),

    taker as (
        select
            result.school_id,
            result.school_year,
            result.participant_pid,
            count(distinct result.subject) as n_taken,
            count(
                distinct case when result.test_score >= entry.value then result.subject end
            ) as n_passed,
            count(*) filter (
                where result.subject = 'RU' and result.test_score >= entry.value
            ) as n_russian,
            bool_or(coalesce(entry.is_unconfirmed, false)) as is_unconfirmed
        from result
        left join
            entry
            on result.cal_year = entry.cal_year
            and {{ subject_group("result.subject") }} = {{ subject_group("entry.subject") }}
            and result.level = entry.level
        where result.procedure = 'EGE' and result.test_score is not null
        group by result.school_id, result.school_year, result.participant_pid
    ),

    graduates as (
        select
            leaver.school_id,
            leaver.school_year,
            count(*) as n_graduates,
            count(*) filter (where taker.n_taken >= 3) as n_three_taken,
            count(*) filter (where taker.n_passed >= 3 and taker.n_russian > 0) as n_three_passed,
            coalesce(bool_or(taker.is_unconfirmed), false) as has_unconfirmed
        from leaver
        left join
            link
            on leaver.school_id = link.school_id
            and leaver.school_year = link.school_year
            and leaver.person_pid = link.person_pid
            and link.procedure = 'EGE'
        left join
            taker
            on link.school_id = taker.school_id
            and link.school_year = taker.school_year
            and link.participant_pid = taker.participant_pid
        where leaver.grade_label in (11, 12)
        group by leaver.school_id, leaver.school_year
    ),

    contingent as (
        select school_id, school_year, {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_pupil_year") }}
        group by school_id, school_year
    ),

    -- the class in which a pupil of grade 11 was last
    last_class as (
        select
            school_id,
            school_year,
            person_pid,
            class_profile as profile,
            row_number() over (
                partition by school_id, school_year, person_pid
                order by enrolled_on desc nulls last, delivery_id
            ) as preference
        from {{ ref("stg_pupil_year") }}
        where grade_label = 11
    ),

    profile_pupil as (
        select *
        from last_class
        where preference = 1 and profile is not null and profile <> 'universal'
    ),

    profile_subject as (
        select *, {{ is_unconfirmed("confidence") }} as is_unconfirmed
        from {{ ref("profile_subject") }}
    ),

    -- who registered and did not come has chosen; base mathematics is no choice
    chosen as (
        select
            pupil.school_id,
            pupil.school_year,
            pupil.person_pid,
            pupil.profile,
            count(
                distinct case when attempt.level <> 'base' then profile_subject.subject end
            ) as n_of_profile,
            coalesce(bool_or(profile_subject.is_unconfirmed), false) as is_unconfirmed
        from profile_pupil as pupil
        inner join
            link
            on pupil.school_id = link.school_id
            and pupil.school_year = link.school_year
            and pupil.person_pid = link.person_pid
            and link.procedure = 'EGE'
        inner join
            {{ ref("int_exam_attempt") }} as attempt
            on link.procedure = attempt.procedure
            and link.school_id = attempt.school_id
            and link.school_year = attempt.school_year
            and link.participant_pid = attempt.participant_pid
        left join
            profile_subject
            on pupil.profile = profile_subject.profile
            and attempt.subject = profile_subject.subject
        group by pupil.school_id, pupil.school_year, pupil.person_pid, pupil.profile
    ),

    choice as (
        select
            contingent.school_id,
            contingent.school_year,
            coalesce(chosen.profile, 'all') as breakdown,
            count(*) filter (where chosen.n_of_profile >= 1) as n_one,
            count(*) filter (where chosen.n_of_profile >= 2) as n_two,
            count(chosen.person_pid) as n_pupils,
            coalesce(bool_or(chosen.is_unconfirmed), false) as has_unconfirmed
        from contingent
        left join
            chosen
            on contingent.school_id = chosen.school_id
            and contingent.school_year = chosen.school_year
        group by contingent.school_id, contingent.school_year, chosen.profile
    ),

    specialty_subject as (
        select *, {{ is_unconfirmed("confidence") }} as is_unconfirmed
        from {{ ref("specialty_subject") }}
    ),

    -- years in which no subject could be chosen have no measure
    choice_year as (
        select distinct school_year
        from {{ ref("assessment_calendar") }}
        where procedure = 'OGE' and held and subject not in ('RU', 'MA')
    ),

    vocational as (
        select
            leaver.school_id,
            leaver.school_year,
            leaver.person_pid,
            count(specialty_subject.subject) as n_near,
            coalesce(bool_or(specialty_subject.is_unconfirmed), false) as is_unconfirmed
        from leaver
        inner join
            link
            on leaver.school_id = link.school_id
            and leaver.school_year = link.school_year
            and leaver.person_pid = link.person_pid
            and link.procedure = 'OGE'
        inner join
            result
            on link.procedure = result.procedure
            and link.school_id = result.school_id
            and link.school_year = result.school_year
            and link.participant_pid = result.participant_pid
        left join
            specialty_subject
            on leaver.specialty_group = specialty_subject.specialty_group
            and result.subject = specialty_subject.subject
        where
            leaver.grade_label = 9
            and leaver.destination = 'college'
            and leaver.specialty_group is not null
            and result.subject not in ('RU', 'MA')
        group by leaver.school_id, leaver.school_year, leaver.person_pid
    ),

    profile_specialty as (
        select *, {{ is_unconfirmed("confidence") }} as is_unconfirmed
        from {{ ref("profile_specialty") }}
    ),

    admitted as (
        select
            leaver.school_id,
            leaver.school_year,
            leaver.person_pid,
            profile_specialty.profile is not null as is_near,
            coalesce(profile_specialty.is_unconfirmed, false) as is_unconfirmed
        from leaver
        inner join
            profile_pupil as pupil
            on leaver.school_id = pupil.school_id
            and leaver.school_year = pupil.school_year
            and leaver.person_pid = pupil.person_pid
        left join
            profile_specialty
            on pupil.profile = profile_specialty.profile
            and leaver.specialty_group = profile_specialty.specialty_group
        where leaver.grade_label = 11 and leaver.destination in ('college', 'university')
    ),

    measured as (
        {%- for measure, whole in [("D4.05a", "n_graduates"), ("D4.05b", "n_three_taken")] %}
            select
                '{{ measure }}' as measure_code,
                listed.school_id,
                listed.school_year,
                'all' as breakdown,
                coalesce(graduates.n_three_passed, 0) as numerator,
                coalesce(graduates.{{ whole }}, 0) as denominator,
                {{ merged_list("listed.delivery_ids", "examined.delivery_ids") }} as delivery_ids,
                coalesce(graduates.has_unconfirmed, false) as has_unconfirmed
            from listed
            inner join entry_year on listed.school_year = entry_year.school_year
            inner join
                examined
                on listed.school_id = examined.school_id
                and listed.school_year = examined.school_year
                and examined.procedure = 'EGE'
            left join
                graduates
                on listed.school_id = graduates.school_id
                and listed.school_year = graduates.school_year
            union all
        {%- endfor %}
        {%- for measure, counted in [("D4.06a", "n_one"), ("D4.06b", "n_two")] %}
            select
                '{{ measure }}',
                choice.school_id,
                choice.school_year,
                choice.breakdown,
                choice.{{ counted }},
                choice.n_pupils,
                {{ merged_list("contingent.delivery_ids", "examined.delivery_ids") }},
                choice.has_unconfirmed
            from choice
            inner join
                contingent
                on choice.school_id = contingent.school_id
                and choice.school_year = contingent.school_year
            inner join
                examined
                on choice.school_id = examined.school_id
                and choice.school_year = examined.school_year
                and examined.procedure = 'EGE'
            union all
        {%- endfor %}
        select
            'D4.07a',
            listed.school_id,
            listed.school_year,
            'all',
            count(*) filter (where vocational.n_near > 0),
            count(vocational.person_pid),
            {{ merged_list("listed.delivery_ids", "examined.delivery_ids") }},
            coalesce(bool_or(vocational.is_unconfirmed), false)
        from listed
        inner join choice_year on listed.school_year = choice_year.school_year
        inner join
            examined
            on listed.school_id = examined.school_id
            and listed.school_year = examined.school_year
            and examined.procedure = 'OGE'
        left join
            vocational
            on listed.school_id = vocational.school_id
            and listed.school_year = vocational.school_year
        group by listed.school_id, listed.school_year, listed.delivery_ids, examined.delivery_ids
        union all
        select
            'D4.08a',
            listed.school_id,
            listed.school_year,
            'all',
            count(*) filter (where admitted.is_near),
            count(admitted.person_pid),
            {{ merged_list("listed.delivery_ids", "contingent.delivery_ids") }},
            coalesce(bool_or(admitted.is_unconfirmed), false)
        from listed
        inner join
            contingent
            on listed.school_id = contingent.school_id
            and listed.school_year = contingent.school_year
        left join
            admitted
            on listed.school_id = admitted.school_id
            and listed.school_year = admitted.school_year
        group by listed.school_id, listed.school_year, listed.delivery_ids, contingent.delivery_ids
    )

    {{ measure_rows("measured", ["breakdown", "numerator", "denominator", "has_unconfirmed"]) }}
