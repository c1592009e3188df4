{#- Source of the rule: приказ № 41, раздел 3 (six result components and the bias list); thresholds
    are rows of the seed `parameters`. Components outside the order's rule serve `federal_30pct`. -#}
with
    parameter as (
        {{ parameters_in_force([
            'shnor_n_min', 'shnor_d_vpr', 'shnor_lvl_fail', 'shnor_d_ege', 'shnor_lvl_ege', 'shnor_z',
            'shnor_align_label', 'shnor_low_confidence_n', 'shnor_shift_pp', 'shnor_ege_selective_year',
            'value_n_show'
        ]) }}
    ),

    component as (
        select
            cast(null as string) as component_code,
            cast(null as string) as component_title,
            cast(null as string) as procedure,
            cast(null as string) as subject,
            cast(null as string) as exam_level,
            cast(null as integer) as grade,
            cast(null as boolean) as in_seed_rule
        where false
        union all
        select 'V_RU5', 'ВПР, русский язык, 5 класс', 'VPR', 'RU', 'none', 5, true
        union all
        select 'V_MA5', 'ВПР, математика, 5 класс', 'VPR', 'MA', 'none', 5, true
        union all
        select 'V_RU6', 'ВПР, русский язык, 6 класс', 'VPR', 'RU', 'none', 6, true
        union all
        select 'V_MA6', 'ВПР, математика, 6 класс', 'VPR', 'MA', 'none', 6, true
        union all
        select 'E_RU', 'ЕГЭ, русский язык', 'EGE', 'RU', 'none', 11, true
        union all
        select 'E_MA', 'ЕГЭ, математика (профильная)', 'EGE', 'MA', 'profile', 11, true
        union all
        select 'E_MAB', 'ЕГЭ, математика (базовая)', 'EGE', 'MA', 'base', 11, false
        union all
        select 'O_RU', 'ОГЭ, русский язык', 'OGE', 'RU', 'none', 9, false
        union all
        select 'O_MA', 'ОГЭ, математика', 'OGE', 'MA', 'none', 9, false
    ),

    krai as (
        select
            cal_year,
            subject,
            level,
            value as mean_score,
            {{ is_unconfirmed('confidence') }} as is_unconfirmed
        from {{ ref('int_reference_row') }}
        where measure = 'ege_mean' and territory = 'krai'
    ),

    bias_list as (
        select school_id, list_year, {{ distinct_list('delivery_id') }} as delivery_ids
        from {{ ref('int_bias_mark') }}
        where mark > 0
        group by school_id, list_year
    ),

    -- One row: a window of a component in which marks or test scores exist.
    held as (
        select
            r.school_id,
            c.component_code,
            r.cal_year,
            r.season,
            r.n_marked as n_part,
            r.n_fail,
            r.n_listed,
            r.mean_score,
            r.sd_score,
            krai.mean_score as krai_mean,
            r.is_biased,
            r.has_unconfirmed or coalesce(krai.is_unconfirmed, false) as has_unconfirmed,
            -- a list that names the school in that year makes the year not comparable
            {{ merged_list('r.marks_delivery_ids', 'case when r.is_biased then b.delivery_ids end') }}
            as delivery_ids,
            c.procedure,
            count(*) over (partition by r.school_id, c.component_code, r.cal_year) as n_seasons,
            row_number() over (
                partition by r.school_id, c.component_code, r.cal_year
                order by r.n_marked desc, r.season
            ) as season_rank,
            r.school_year
        from component as c
        cross join parameter
        inner join
            {{ ref('int_school_result') }} as r
            on {{ of_year("r.school_year") }}
            and c.procedure = r.procedure
            and c.subject = r.subject
            and c.exam_level = r.exam_level
            and c.grade = case
                when c.procedure = 'VPR' and shnor_align_label = 1
                then r.grade_label
                else r.programme_grade
            end
        left join bias_list as b on r.school_id = b.school_id and r.cal_year = b.list_year
        left join
            krai
            on r.procedure = 'EGE'
            and r.cal_year = krai.cal_year
            and r.subject = krai.subject
            and r.exam_level = krai.level
    ),

    window_of_year as (select * from held where season_rank = 1),

    -- Two grades of one subject in one year: other pupils, so that their numbers may be added.
    pooled_component as (
        select
            'V_RU56' as component_code,
            'ВПР, русский язык, 5 и 6 классы вместе' as component_title,
            'RU' as subject,
            'V_RU5' as first_code,
            'V_RU6' as second_code
        union all
        select 'V_MA56', 'ВПР, математика, 5 и 6 классы вместе', 'MA', 'V_MA5', 'V_MA6'
    ),

    pooled_window as (
        select
            w.school_id,
            p.component_code,
            w.cal_year,
            min(w.season) as season,
            sum(w.n_part) as n_part,
            sum(w.n_fail) as n_fail,
            sum(w.n_listed) as n_listed,
            cast(null as double) as mean_score,
            cast(null as double) as sd_score,
            cast(null as double) as krai_mean,
            bool_or(w.is_biased) as is_biased,
            bool_or(w.has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists('w.delivery_ids') }} as delivery_ids,
            'VPR' as procedure,
            max(w.n_seasons) as n_seasons,
            1 as season_rank,
            min(w.school_year) as school_year
        from window_of_year as w
        inner join parameter on {{ of_year("w.school_year") }}
        inner join pooled_component as p on w.component_code in (p.first_code, p.second_code)
        where w.n_fail is not null
        group by w.school_id, p.component_code, w.cal_year
        -- the whole less one grade must not tell the results of a few pupils of the other
        having count(*) = 2 and min(w.n_part) >= max(value_n_show)
    ),

    any_window as (
        select *
        from window_of_year
        union all
        select *
        from pooled_window
    ),

    any_component as (
        select
            component_code,
            component_title,
            procedure,
            subject,
            exam_level,
            grade,
            in_seed_rule,
            false as pooled
        from component
        union all
        select
            component_code,
            component_title,
            'VPR',
            subject,
            'none',
            cast(null as integer),
            true,
            true
        from pooled_component
    ),

    -- The list is drawn up in year y2 for the school year that begins in it.
    study_year as (select distinct cal_year as y2 from window_of_year),

    spine as (
        select
            s.school_id,
            s.municipality_id,
            y.y2 - 1 as y1,
            y.y2,
            cast(y.y2 as string) || '/' || right(cast(y.y2 + 1 as string), 2) as school_year,
            c.*
        from {{ ref('stg_school') }} as s
        cross join study_year as y
        cross join any_component as c
        where
            coalesce(extract(year from s.opened_on), 0) <= y.y2
            and coalesce(extract(year from s.closed_on), 9999) >= y.y2
    ),

    paired as (
        select
            spine.*,
            parameter.*,
            a.n_part as n1,
            b.n_part as n2,
            a.n_fail as fail1,
            b.n_fail as fail2,
            a.season as season1,
            b.season as season2,
            coalesce(a.n_seasons > 1, false) or coalesce(b.n_seasons > 1, false) as two_seasons,
            coalesce(a.is_biased, false) as biased1,
            coalesce(b.is_biased, false) as biased2,
            coalesce(a.has_unconfirmed, false)
            or coalesce(b.has_unconfirmed, false) as has_unconfirmed,
            1.0 * a.n_fail / a.n_part as p1,
            1.0 * b.n_fail / b.n_part as p2,
            100.0 * a.n_part / a.n_listed as participation1,
            100.0 * b.n_part / b.n_listed as participation2,
            a.krai_mean as krai_mean1,
            b.krai_mean as krai_mean2,
            a.mean_score as mean1,
            b.mean_score as mean2,
            a.mean_score / a.krai_mean as rel1,
            b.mean_score / b.krai_mean as rel2,
            a.sd_score / sqrt(a.n_part) / a.krai_mean as se1,
            b.sd_score / sqrt(b.n_part) / b.krai_mean as se2,
            {{ merged_list('a.delivery_ids', 'b.delivery_ids') }} as delivery_ids
        from spine
        inner join parameter on {{ of_year("spine.school_year") }}
        left join
            any_window as a
            on spine.school_id = a.school_id
            and spine.component_code = a.component_code
            and spine.y1 = a.cal_year
        left join
            any_window as b
            on spine.school_id = b.school_id
            and spine.component_code = b.component_code
            and spine.y2 = b.cal_year
    ),

    limits as (
        select
            paired.*,
            {{ wilson_limit('p1', 'n1', 'shnor_z', '-') }} as low1,
            {{ wilson_limit('p1', 'n1', 'shnor_z', '+') }} as high1,
            {{ wilson_limit('p2', 'n2', 'shnor_z', '-') }} as low2,
            {{ wilson_limit('p2', 'n2', 'shnor_z', '+') }} as high2,
            -- What is compared: a share of marks «2», for the ЕГЭ the ratio to the krai mean.
            procedure = 'EGE' and in_seed_rule as is_relative,
            case when procedure = 'EGE' and in_seed_rule then rel1 else p1 end as stat1,
            case when procedure = 'EGE' and in_seed_rule then rel2 else p2 end as stat2
        from paired
    ),

    compared as (
        select
            limits.*,
            case when is_relative then stat2 - stat1 else 100 * (stat2 - stat1) end as change,
            -- Both signs turned so that a positive number means «worse».
            case when is_relative then stat1 - stat2 else 100 * (stat2 - stat1) end as worsening,
            case when is_relative then shnor_d_ege else shnor_d_vpr end as threshold,
            case
                when is_relative
                then stat1 - stat2 > shnor_z * sqrt(se1 * se1 + se2 * se2)
                else {{ newcombe_low('p1', 'high1', 'p2', 'low2') }} > 0
            end as worse_is_certain,
            case
                when is_relative
                then stat2 - stat1 > shnor_z * sqrt(se1 * se1 + se2 * se2)
                else {{ newcombe_low('p2', 'high2', 'p1', 'low1') }} > 0
            end as better_is_certain
        from limits
    ),

    stated as (
        select
            compared.*,
            case
                when stat2 is null
                then 'no_data'
                when n2 < shnor_n_min
                then 'insufficient_n'
                when stat1 is null or n1 < shnor_n_min
                then 'level_only'
                when biased1 or biased2
                then 'not_comparable'
                when worsening >= threshold and worse_is_certain
                then 'worse'
                when worsening >= threshold
                then 'worse_weak'
                when - worsening >= threshold and better_is_certain
                then 'better'
                else 'stable'
            end as state,
            case
                when stat2 is null or n2 < shnor_n_min
                then null
                when is_relative
                then stat2 < shnor_lvl_ege
                else 100 * stat2 >= shnor_lvl_fail
            end as low_level,
            case
                when n2 is null
                then 'нет результатов за год'
                when is_relative and krai_mean2 is null
                then 'нет среднего балла по краю'
                when stat2 is null
                then 'нет шкалы: отметки не вычислены'
                when n2 < shnor_n_min
                then 'участников меньше наименьшего числа'
                when n1 is null
                then 'нет результатов за предыдущий год'
                when is_relative and krai_mean1 is null
                then 'нет среднего балла по краю за предыдущий год'
                when stat1 is null
                then 'нет шкалы за предыдущий год'
                when n1 < shnor_n_min
                then 'участников в предыдущем году меньше наименьшего числа'
                when biased1 and biased2
                then 'оба года в списке с признаками необъективности'
                when biased1
                then 'предыдущий год в списке с признаками необъективности'
                when biased2
                then 'год в списке с признаками необъективности: доля «2» — нижняя оценка'
            end as state_reason
        from compared
    ),

    small_grade as (
        select distinct s.school_id, s.y2, p.component_code
        from stated as s
        inner join pooled_component as p on s.component_code in (p.first_code, p.second_code)
        where s.state = 'insufficient_n' or (s.state = 'level_only' and s.n1 < s.shnor_n_min)
    )

select
    stated.school_id,
    stated.municipality_id,
    stated.school_year,
    stated.y1,
    stated.y2,
    stated.component_code,
    stated.component_title,
    stated.procedure,
    stated.subject,
    stated.exam_level,
    stated.grade,
    stated.in_seed_rule,
    stated.pooled,
    stated.season1,
    stated.season2,
    stated.two_seasons,
    cast(stated.n1 as integer) as n1,
    cast(stated.n2 as integer) as n2,
    cast(stated.fail1 as integer) as fail1,
    cast(stated.fail2 as integer) as fail2,
    100 * stated.p1 as p1,
    100 * stated.p2 as p2,
    100 * (stated.p2 - stated.p1) as delta_pp,
    stated.mean1,
    stated.mean2,
    stated.krai_mean1,
    stated.krai_mean2,
    stated.rel1,
    stated.rel2,
    stated.rel2 - stated.rel1 as delta_rel,
    stated.state,
    stated.state_reason,
    stated.low_level,
    case
        when stated.pooled or not stated.in_seed_rule
        then 0
        when stated.state = 'worse' or stated.low_level
        then 1
        else 0
    end as counted,
    stated.n2 >= shnor_n_min
    and (
        stated.n2 < shnor_low_confidence_n
        or (
            stated.state in ('worse', 'worse_weak', 'better', 'stable')
            and stated.n1 < shnor_low_confidence_n
        )
    ) as low_confidence,
    coalesce(stated.participation1 - stated.participation2 > shnor_shift_pp, false)
    or (
        stated.procedure = 'EGE' and stated.y2 = shnor_ege_selective_year and stated.n2 is not null
    ) as selection_shift,
    stated.biased1,
    stated.biased2,
    stated.has_unconfirmed,
    stated.delivery_ids
from stated
left join
    small_grade
    on stated.school_id = small_grade.school_id
    and stated.y2 = small_grade.y2
    and stated.component_code = small_grade.component_code
where not stated.pooled or (small_grade.school_id is not null and stated.n2 >= shnor_n_min)
