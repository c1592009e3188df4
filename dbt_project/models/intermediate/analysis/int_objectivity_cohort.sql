{{ config(materialized='view') }}

{#- Markers OBJ3 to OBJ5: the paper against the exams and against the same children a year before. -#}
{%- set paper = ['cal_year', 'season', 'programme_grade', 'subject'] -%}
with
    parameter as (
        {{ parameters_in_force(['obj_n_min', 'obj3_sd', 'obj3_confirm_z', 'obj4_z', 'obj5_pp', 'obj_ref_schools']) }}
    ),

    vpr as (select * from {{ ref('int_school_result') }} where procedure = 'VPR'),

    exam_near as (
        select
            v.school_id,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            max(e.z_score) as z_score,
            {{ union_of_lists('e.delivery_ids') }} as delivery_ids
        from vpr as v
        inner join
            {{ ref('int_school_result') }} as e
            on v.school_id = e.school_id
            and v.subject = e.subject
            and e.cal_year between v.cal_year - 1 and v.cal_year + 1
        where e.procedure in ('OGE', 'EGE') and e.z_score is not null
        group by v.school_id, {% for c in paper %} v.{{ c }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    oge_gap as (
        select
            school_id,
            cal_year - 1 as vpr_year,
            subject,
            n,
            -1 * value as gap,
            has_unconfirmed,
            delivery_ids
        from {{ ref('msr_d1_vpr_oge_gap') }}
        where subject in ('RU', 'MA')
    ),

    primary_school as (
        select school_id, subject, cal_year, n_marked, n_fail, delivery_ids
        from
            (
                select
                    *,
                    row_number() over (
                        partition by school_id, subject, cal_year order by n_part desc, season
                    ) as season_rank
                from vpr
                where programme_grade = 4 and n_fail is not null
            ) as ranked
        where season_rank = 1
    ),

    obj3 as (
        select
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            'OBJ3' as marker_code,
            v.mean_score as value,
            v.n_part as n,
            v.reference_mean_score + obj3_sd * v.reference_sd_between as threshold,
            cast(null as double) as p_value,
            case
                when v.school_kind in ('lyceum', 'gymnasium')
                then null
                else v.z_score > obj3_sd and coalesce(e.z_score < obj3_confirm_z, true)
            end as fired,
            case
                when v.n_part < obj_n_min
                then 'insufficient_n'
                when v.z_score is null
                then 'no_reference'
                when v.school_kind in ('lyceum', 'gymnasium')
                then 'not_applicable'
                when e.z_score is null
                then 'medium'
                else 'high'
            end as confidence,
            v.reference_mean_score as reference_value,
            v.reference_basis,
            case
                when v.school_kind in ('lyceum', 'gymnasium')
                then 'Лицей и гимназия не проверяются этим признаком'
                when v.n_part < obj_n_min
                then 'Участников меньше ' || cast(cast(obj_n_min as integer) as string)
                when v.z_score is null and coalesce(v.reference_schools, 0) >= obj_ref_schools
                then 'Школы не различаются средним баллом'
                when v.z_score is null
                then
                    'Нет среднего и разброса между школами: школ '
                    || cast(coalesce(v.reference_schools, 0) as string)
                    || ', нужно не меньше '
                    || cast(cast(obj_ref_schools as integer) as string)
                when e.z_score is null
                then 'Экзаменов за соседние годы нет: подтвердить нечем'
                else 'z по экзаменам соседних лет: ' || cast(round(e.z_score, 2) as string)
            end as note,
            v.has_unconfirmed,
            {{ merged_list('v.delivery_ids', 'e.delivery_ids') }} as delivery_ids
        from vpr as v
        inner join parameter on {{ of_year("v.school_year") }}
        left join
            exam_near as e on v.school_id = e.school_id
            {%- for c in paper %} and v.{{ c }} = e.{{ c }}{% endfor %}
    ),

    obj4 as (
        select
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            'OBJ4' as marker_code,
            g.gap as value,
            coalesce(g.n, v.n_part) as n,
            obj4_z as threshold,
            cast(null as double) as p_value,
            g.gap > obj4_z as fired,
            case
                when v.n_part < obj_n_min
                then 'insufficient_n'
                when g.gap is null
                then 'no_reference'
                when g.n < 2 * obj_n_min
                then 'medium'
                else 'high'
            end as confidence,
            cast(null as double) as reference_value,
            v.reference_basis,
            case
                when g.gap is not null
                then 'z по ВПР (программа 8 класса) минус z по ОГЭ того же выпуска через год'
                when v.n_part < obj_n_min
                then 'Участников меньше ' || cast(cast(obj_n_min as integer) as string)
                when v.z_score is null
                then 'Нет среднего и разброса между школами по ВПР'
                else 'Нет z по ОГЭ того же выпуска через год'
            end as note,
            coalesce(g.has_unconfirmed, v.has_unconfirmed) as has_unconfirmed,
            coalesce(g.delivery_ids, v.delivery_ids) as delivery_ids
        from vpr as v
        inner join parameter on {{ of_year("v.school_year") }}
        left join
            oge_gap as g
            on v.school_id = g.school_id
            and v.cal_year = g.vpr_year
            and v.subject = g.subject
        where v.programme_grade = 8 and v.subject in ('RU', 'MA')
    ),

    obj5 as (
        select
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            'OBJ5' as marker_code,
            100.0 * v.n_fail / v.n_marked - 100.0 * p.n_fail / p.n_marked as value,
            least(v.n_marked, p.n_marked) as n,
            obj5_pp as threshold,
            cast(null as double) as p_value,
            case
                when least(v.n_marked, p.n_marked) >= obj_n_min
                then 100.0 * v.n_fail / v.n_marked - 100.0 * p.n_fail / p.n_marked >= obj5_pp
            end as fired,
            case
                when least(v.n_marked, p.n_marked) < obj_n_min
                then 'insufficient_n'
                when least(v.n_marked, p.n_marked) < 2 * obj_n_min
                then 'medium'
                else 'high'
            end as confidence,
            100.0 * p.n_fail / p.n_marked as reference_value,
            'same_cohort' as reference_basis,
            'Доля «2» по программе 5 класса минус доля «2» тех же детей по программе 4 класса'
            as note,
            v.has_unconfirmed,
            {{ merged_list('v.delivery_ids', 'p.delivery_ids') }} as delivery_ids
        from vpr as v
        inner join parameter on {{ of_year("v.school_year") }}
        inner join
            primary_school as p
            on v.school_id = p.school_id
            and v.subject = p.subject
            and v.cal_year - 1 = p.cal_year
        where v.programme_grade = 5 and v.n_fail is not null
    )

select *
from obj3
union all
select *
from obj4
union all
select *
from obj5
