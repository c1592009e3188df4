{#- Screening markers OBJ1 to OBJ9 and the official list. A fired marker asks for a look at a school;
    it accuses nobody. Thresholds are rows of the seed `parameters`. -#}
{%- set paper = ['cal_year', 'season', 'programme_grade', 'subject'] -%}
with
    parameter as (
        {{ parameter_row([
            'obj_n_min', 'obj1_medium', 'obj1_high', 'obj2_pool_min', 'obj2_q', 'obj2_reference_min',
            'obj2_indicative_n', 'obj2_confident_n', 'obj3_sd', 'obj3_confirm_z', 'obj4_z', 'obj5_pp',
            'obj6_z', 'obj7_ratio', 'obj7_n', 'obj8_quality', 'obj8_mean', 'obj9_participation'
        ]) }}
    ),

    result as (select * from {{ ref('int_school_result') }}),

    vpr as (
        select r.*, s.municipality_id, s.school_kind in ('lyceum', 'gymnasium') as is_selective
        from result as r
        inner join {{ ref('stg_school') }} as s on r.school_id = s.school_id
        where r.procedure = 'VPR'
    ),

    scale_cut as (
        select {{ paper | join(', ') }}, is_confirmed, cut3 as cut
        from {{ ref('int_vpr_scale') }}
        union all
        select {{ paper | join(', ') }}, is_confirmed, cut4
        from {{ ref('int_vpr_scale') }}
        union all
        select {{ paper | join(', ') }}, is_confirmed, cut5
        from {{ ref('int_vpr_scale') }}
    ),

    histogram as (
        select school_id, {{ paper | join(', ') }}, primary_score, sum(n) as n
        from {{ ref('int_vpr_score_histogram') }}
        group by school_id, {{ paper | join(', ') }}, primary_score
    ),

    reference_histogram as (
        select {{ paper | join(', ') }}, primary_score, sum(n) as n
        from histogram
        group by {{ paper | join(', ') }}, primary_score
    ),

    -- Logarithms of the counts at c-3, c-2, c+1, c+2 give a least-squares line through them;
    -- between
    -- c-1 and c it predicts the share of the upper score. Any parabola (a normal curve) gives the
    -- same.
    cut_neighbour as (
        select
            {% for c in paper %} k.{{ c }}, {% endfor %} k.cut,
            k.is_confirmed,
            max(case when h.primary_score = k.cut - 3 then h.n end) as below_3,
            max(case when h.primary_score = k.cut - 2 then h.n end) as below_2,
            max(case when h.primary_score = k.cut + 1 then h.n end) as above_1,
            max(case when h.primary_score = k.cut + 2 then h.n end) as above_2
        from scale_cut as k
        inner join
            reference_histogram as h on {% for c in paper %} k.{{ c }} = h.{{ c }} and {% endfor %}
            h.primary_score between k.cut - 3 and k.cut + 2
        group by {% for c in paper %} k.{{ c }}, {% endfor %} k.cut, k.is_confirmed
    ),

    expected_ratio as (
        select
            {{ paper | join(', ') }},
            cut,
            is_confirmed,
            1 / (
                1 + exp(
                    - (
                        2.5 * ln(above_2)
                        + 1.5 * ln(above_1)
                        - 1.5 * ln(below_2)
                        - 2.5 * ln(below_3)
                    )
                    / 17
                )
            ) as ratio
        from cut_neighbour
        cross join parameter
        where least(below_3, below_2, above_1, above_2) >= obj2_reference_min
    ),

    boundary as (
        select
            h.school_id,
            {% for c in paper %} h.{{ c }}, {% endfor %} e.cut,
            e.ratio,
            e.is_confirmed,
            sum(case when h.primary_score = e.cut then h.n else 0 end) as n_upper,
            sum(h.n) as n_pair
        from expected_ratio as e
        inner join
            histogram as h on {% for c in paper %} e.{{ c }} = h.{{ c }} and {% endfor %}
            h.primary_score between e.cut - 1 and e.cut
        group by
            h.school_id, {% for c in paper %} h.{{ c }}, {% endfor %} e.cut, e.ratio, e.is_confirmed
    ),

    -- The pairs of a paper, and of all papers of a year, are tested as one binomial with the mean
    -- ratio: its variance is never below that of the sum, so the test errs towards silence.
    spike_paper as (
        select
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            v.n_part,
            v.delivery_ids,
            not bool_and(b.is_confirmed) as has_unconfirmed,
            sum(b.n_upper) as n_upper,
            sum(b.n_pair) as n_pair,
            sum(b.n_pair * b.ratio) as n_expected
        from boundary as b
        inner join
            vpr as v on b.school_id = v.school_id
            {%- for c in paper %} and b.{{ c }} = v.{{ c }}{% endfor %}
        group by
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            v.n_part,
            v.delivery_ids
    ),

    spike_year as (
        select
            school_id,
            municipality_id,
            school_year,
            max(cal_year) as cal_year,
            sum(n_upper) as n_upper,
            sum(n_pair) as n_pair,
            sum(n_expected) as n_expected,
            bool_or(has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists('delivery_ids') }} as delivery_ids
        from spike_paper
        group by school_id, municipality_id, school_year
    ),

    spike_tested as (
        select
            *,
            {{ binomial_upper_tail('n_upper', 'n_pair', 'n_expected / n_pair') }} as p_value,
            n_pair >= obj2_pool_min as is_testable
        from spike_year
        cross join parameter
    ),

    spike_ranked as (
        select
            *,
            p_value
            * count(*) over (partition by school_year, is_testable)
            / count(*) over (
                partition by school_year, is_testable
                order by p_value
                range between unbounded preceding and current row
            ) as step
        from spike_tested
    ),

    -- Benjamini and Hochberg (1995): the smallest step among this and all larger p-values.
    spike_adjusted as (
        select
            *,
            min(step) over (
                partition by school_year, is_testable
                order by p_value desc
                range between unbounded preceding and current row
            ) as q_value
        from spike_ranked
    ),

    exam_z as (
        select school_id, subject, cal_year, max(z_score) as z_score
        from result
        where procedure in ('OGE', 'EGE') and z_score is not null
        group by school_id, subject, cal_year
    ),

    exam_near as (
        select v.school_id, {% for c in paper %} v.{{ c }}, {% endfor %} max(e.z_score) as z_score
        from vpr as v
        inner join
            exam_z as e
            on v.school_id = e.school_id
            and v.subject = e.subject
            and e.cal_year between v.cal_year - 1 and v.cal_year + 1
        group by v.school_id, {% for c in paper %} v.{{ c }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    oge_gap as (
        select school_id, cal_year - 1 as vpr_year, subject, n, - value as gap
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

    task as (
        select *
        from {{ ref('mart_task_performance') }}
        where level in ('school', 'register') and source <> 'mixed'
    ),

    level_mean as (
        select
            level,
            school_id,
            {{ paper | join(', ') }},
            avg(case when task_level = 'Б' then pct_done end) as pct_basic,
            avg(case when task_level in ('П', 'В') then pct_done end) as pct_hard,
            {{ union_of_lists('delivery_ids') }} as delivery_ids
        from task
        where mark_group = 'all'
        group by level, school_id, {{ paper | join(', ') }}
    ),

    -- Scores over the maximum lie in 0..1, so p(1-p)/n is at least their variance.
    group_inversion as (
        select
            weaker.school_id,
            {% for c in paper %} weaker.{{ c }}, {% endfor %} count(*) as n_inversions
        from task as weaker
        cross join parameter
        inner join
            task as stronger
            on weaker.school_id = stronger.school_id
            and weaker.task_label = stronger.task_label
            {%- for c in paper %} and weaker.{{ c }} = stronger.{{ c }}{% endfor %}
            and weaker.mark_group < stronger.mark_group
        where
            weaker.level = 'school'
            and stronger.level = 'school'
            and weaker.mark_group <> 'all'
            and stronger.mark_group <> 'all'
            and weaker.pct_done - stronger.pct_done
            > obj6_z
            * sqrt(
                greatest(0, weaker.pct_done * (100 - weaker.pct_done)) / weaker.n_counted
                + greatest(0, stronger.pct_done * (100 - stronger.pct_done)) / stronger.n_counted
            )
        group by
            weaker.school_id,
            {% for c in paper %} weaker.{{ c }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    journal as (
        select
            *,
            100.0 * greatest(n_lowered, n_raised) / n_journal as value,
            case when n_raised > n_lowered then 'повысили' else 'понизили' end as side
        from vpr
        where n_journal > 0
    ),

    obj1 as (
        select
            school_id,
            municipality_id,
            school_year,
            {{ paper | join(', ') }},
            'OBJ1' as marker_code,
            value,
            n_journal as n,
            obj1_medium as threshold,
            cast(null as double) as p_value,
            case when n_journal >= obj_n_min then value >= obj1_medium end as fired,
            case
                when n_journal < obj_n_min
                then 'insufficient_n'
                when value >= obj1_high
                then 'high'
                else 'medium'
            end as confidence,
            cast(null as double) as reference_value,
            cast(null as varchar) as reference_basis,
            'Отметку '
            || side
            || ' чаще всего; разрыв в две отметки и больше: '
            || coalesce(cast(n_gap2 as varchar) || ' чел.', 'нет сведений') as note,
            has_unconfirmed,
            {{ merged_list('delivery_ids', list_of(['journal_delivery_id'])) }} as delivery_ids
        from journal
        cross join parameter
    ),

    obj2 as (
        select
            school_id,
            municipality_id,
            school_year,
            cal_year,
            cast(null as varchar) as season,
            cast(null as integer) as programme_grade,
            cast(null as varchar) as subject,
            'OBJ2' as marker_code,
            100.0 * n_upper / n_pair as value,
            n_pair as n,
            obj2_q as threshold,
            p_value,
            case when is_testable then q_value < obj2_q end as fired,
            case when is_testable then 'high' else 'insufficient_n' end as confidence,
            100.0 * n_expected / n_pair as reference_value,
            'register' as reference_basis,
            'Все работы года вместе: доля верхнего балла у границ отметок; поправка на число школ: q = '
            || case
                when is_testable then cast(round(q_value, 4) as varchar) else 'не вычислялось'
            end as note,
            has_unconfirmed,
            delivery_ids
        from spike_adjusted
        union all
        select
            school_id,
            municipality_id,
            school_year,
            {{ paper | join(', ') }},
            'OBJ2',
            100.0 * n_upper / n_pair,
            n_pair,
            cast(null as double),
            case
                when n_part >= obj2_indicative_n
                then {{ binomial_upper_tail('n_upper', 'n_pair', 'n_expected / n_pair') }}
            end,
            cast(null as boolean),
            case
                when n_part >= obj2_confident_n
                then 'high'
                when n_part >= obj2_indicative_n
                then 'indicative'
                else 'insufficient_n'
            end,
            100.0 * n_expected / n_pair,
            'register',
            'Одна работа — только пояснение к строке школы за год',
            has_unconfirmed,
            delivery_ids
        from spike_paper
        cross join parameter
    ),

    obj3 as (
        select
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            'OBJ3' as marker_code,
            v.mean_pct_max as value,
            v.n_part as n,
            v.reference_mean_pct + obj3_sd * v.reference_sd_between_pct as threshold,
            cast(null as double) as p_value,
            case
                when v.is_selective
                then null
                else v.z_score > obj3_sd and coalesce(e.z_score < obj3_confirm_z, true)
            end as fired,
            case
                when v.n_part < obj_n_min
                then 'insufficient_n'
                when v.z_score is null
                then 'no_reference'
                when v.is_selective
                then 'not_applicable'
                when e.z_score is null
                then 'medium'
                else 'high'
            end as confidence,
            v.reference_mean_pct as reference_value,
            v.reference_basis,
            case
                when v.is_selective
                then 'Лицей и гимназия не проверяются этим признаком'
                when v.z_score is null
                then
                    'Нет среднего и разброса между школами (нужно школ: '
                    || coalesce(cast(v.reference_schools as varchar), '0')
                    || ' пока есть)'
                when e.z_score is null
                then 'Экзаменов за соседние годы нет: подтвердить нечем'
                else 'z по экзаменам соседних лет: ' || cast(round(e.z_score, 2) as varchar)
            end as note,
            v.has_unconfirmed,
            v.delivery_ids
        from vpr as v
        cross join parameter
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
            g.n,
            obj4_z as threshold,
            cast(null as double) as p_value,
            g.gap > obj4_z as fired,
            case when g.n < 2 * obj_n_min then 'medium' else 'high' end as confidence,
            cast(null as double) as reference_value,
            v.reference_basis,
            'z по ВПР (программа 8 класса) минус z по ОГЭ того же выпуска через год' as note,
            v.has_unconfirmed,
            v.delivery_ids
        from vpr as v
        cross join parameter
        inner join
            oge_gap as g
            on v.school_id = g.school_id
            and v.cal_year = g.vpr_year
            and v.subject = g.subject
        where v.programme_grade = 8
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
        cross join parameter
        inner join
            primary_school as p
            on v.school_id = p.school_id
            and v.subject = p.subject
            and v.cal_year - 1 = p.cal_year
        where v.programme_grade = 5 and v.n_fail is not null
    ),

    obj6 as (
        select
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            'OBJ6' as marker_code,
            m.pct_hard - m.pct_basic as value,
            v.n_part as n,
            cast(0 as double) as threshold,
            cast(null as double) as p_value,
            case
                when v.n_part < obj_n_min
                then null
                when i.n_inversions > 0
                then true
                else m.pct_hard > m.pct_basic and r.pct_hard <= r.pct_basic
            end as fired,
            case
                when v.n_part < obj_n_min
                then 'insufficient_n'
                when m.pct_hard is null or m.pct_basic is null
                then 'no_reference'
                when v.n_part >= obj2_confident_n
                then 'high'
                else 'indicative'
            end as confidence,
            r.pct_hard - r.pct_basic as reference_value,
            'register' as reference_basis,
            'Задания, которые слабая группа по отметке решила заметно лучше сильной: '
            || cast(coalesce(i.n_inversions, 0) as varchar) as note,
            v.has_unconfirmed,
            m.delivery_ids
        from vpr as v
        cross join parameter
        inner join
            level_mean as m on m.level = 'school' and v.school_id = m.school_id
            {%- for c in paper %} and v.{{ c }} = m.{{ c }}{% endfor %}
        left join
            level_mean as r on r.level = 'register'
            {% for c in paper %} and v.{{ c }} = r.{{ c }}{% endfor %}
        left join
            group_inversion as i on v.school_id = i.school_id
            {%- for c in paper %} and v.{{ c }} = i.{{ c }}{% endfor %}
    ),

    obj7 as (
        select
            school_id,
            municipality_id,
            school_year,
            {{ paper | join(', ') }},
            'OBJ7' as marker_code,
            sd_score as value,
            n_part as n,
            obj7_ratio * reference_sd_score as threshold,
            cast(null as double) as p_value,
            case when n_part >= obj7_n then sd_score < obj7_ratio * reference_sd_score end as fired,
            case
                when n_part < obj7_n
                then 'insufficient_n'
                when sd_score is null or reference_sd_score is null
                then 'no_reference'
                else 'high'
            end as confidence,
            reference_sd_score as reference_value,
            reference_basis,
            'Стандартное отклонение баллов школы против всех участников' as note,
            false as has_unconfirmed,
            delivery_ids
        from vpr
        cross join parameter
        where mean_score is not null
    ),

    obj8 as (
        select
            school_id,
            municipality_id,
            school_year,
            {{ paper | join(', ') }},
            'OBJ8' as marker_code,
            100.0 * n_quality / n_marked as value,
            n_part as n,
            obj8_quality as threshold,
            cast(null as double) as p_value,
            case
                when n_part >= obj_n_min
                then 100.0 * n_quality / n_marked >= obj8_quality and mean_pct_max < obj8_mean
            end as fired,
            case
                when n_part < obj_n_min
                then 'insufficient_n'
                when n_part < 2 * obj_n_min
                then 'medium'
                else 'high'
            end as confidence,
            mean_pct_max as reference_value,
            'own_points' as reference_basis,
            'Доля «4» и «5» при среднем балле в процентах от наибольшего (reference_value)' as note,
            has_unconfirmed,
            delivery_ids
        from vpr
        cross join parameter
        where n_quality is not null and mean_pct_max is not null
    ),

    obj9 as (
        select
            school_id,
            municipality_id,
            school_year,
            {{ paper | join(', ') }},
            'OBJ9' as marker_code,
            100.0 * n_part / n_listed as value,
            n_listed as n,
            obj9_participation as threshold,
            cast(null as double) as p_value,
            case
                when n_listed >= obj_n_min then 100.0 * n_part / n_listed < obj9_participation
            end as fired,
            case
                when n_listed < obj_n_min
                then 'insufficient_n'
                when n_listed < 2 * obj_n_min
                then 'medium'
                else 'high'
            end as confidence,
            cast(null as double) as reference_value,
            cast(null as varchar) as reference_basis,
            'Участвовали из числа записанных; причина отсутствия в файлах не указана' as note,
            false as has_unconfirmed,
            delivery_ids
        from vpr
        cross join parameter
        where n_listed > 0
    ),

    -- The year of a list is a calendar year; the calendar says in which school year its ВПР were
    -- held.
    list_school_year as (
        select
            y.list_year,
            coalesce(
                min(k.school_year),
                cast(y.list_year - 1 as varchar) || '/' || right(cast(y.list_year as varchar), 2)
            ) as school_year
        from (select distinct list_year from {{ ref('int_bias_mark') }}) as y
        left join
            {{ ref('assessment_calendar') }} as k
            on k.procedure = 'VPR'
            and y.list_year = k.cal_year
            and k.held
        group by y.list_year
    ),

    official as (
        select
            b.school_id,
            s.municipality_id,
            y.school_year,
            b.list_year as cal_year,
            cast(null as varchar) as season,
            b.programme_grade,
            b.subject,
            'OFFICIAL' as marker_code,
            cast(b.mark as double) as value,
            cast(null as bigint) as n,
            cast(1 as double) as threshold,
            cast(null as double) as p_value,
            b.mark > 0 as fired,
            'official' as confidence,
            cast(null as double) as reference_value,
            'official_list' as reference_basis,
            'Список, полученный от министерства; признаки здесь не пересчитываются' as note,
            false as has_unconfirmed,
            [b.delivery_id] as delivery_ids
        from {{ ref('int_bias_mark') }} as b
        inner join {{ ref('stg_school') }} as s on b.school_id = s.school_id
        inner join list_school_year as y on b.list_year = y.list_year
    ),

    marker as (
        {%- for name in ['obj1', 'obj2', 'obj3', 'obj4', 'obj5', 'obj6', 'obj7', 'obj8', 'obj9', 'official'] %}
            select *
            from {{ name }}
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    )

select
    school_id,
    municipality_id,
    school_year,
    cal_year,
    season,
    programme_grade,
    subject,
    marker_code,
    cast(value as double) as value,
    cast(n as integer) as n,
    cast(threshold as double) as threshold,
    p_value,
    fired,
    confidence,
    reference_value,
    reference_basis,
    note,
    has_unconfirmed,
    delivery_ids
from marker
