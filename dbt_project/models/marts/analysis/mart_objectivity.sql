{#- Screening markers OBJ1 to OBJ10 and the official list. A fired marker asks for a look at a school;
    it accuses nobody. Thresholds are rows of the seed `parameters`. -#}
{%- set paper = ['cal_year', 'season', 'programme_grade', 'subject'] -%}
with
    parameter as (
        {{ parameters_in_force(['obj_n_min', 'obj1_medium', 'obj1_high', 'obj2_indicative_n', 'obj2_confident_n', 'obj6_z', 'obj7_ratio', 'obj7_n', 'obj8_quality', 'obj8_mean', 'obj9_participation', 'value_n_show']) }}
    ),

    vpr as (select * from {{ ref('int_school_result') }} where procedure = 'VPR'),

    task as (
        select *
        from {{ ref('int_task_performance') }}
        where level in ('school', 'register') and source <> 'mixed'
    ),

    level_mean as (
        select
            level,
            school_id,
            {{ paper | join(', ') }},
            avg(case when task_level = 'Б' then pct_done end) as pct_basic,
            avg(case when task_level in ('П', 'В') then pct_done end) as pct_hard,
            sqrt(
                sum(
                    case
                        when task_level = 'Б'
                        then greatest(0, pct_done * (100 - pct_done)) / n_counted
                    end
                )
            )
            / nullif(count(case when task_level = 'Б' then pct_done end), 0) as error_basic,
            sqrt(
                sum(
                    case
                        when task_level in ('П', 'В')
                        then greatest(0, pct_done * (100 - pct_done)) / n_counted
                    end
                )
            )
            / nullif(count(case when task_level in ('П', 'В') then pct_done end), 0) as error_hard,
            {{ union_of_lists("case when level = 'school' then delivery_ids end") }} as delivery_ids
        from task
        where mark_group = 'all'
        group by level, school_id, {{ paper | join(', ') }}
    ),

    group_inversion as (
        select
            weaker.school_id,
            {% for c in paper %} weaker.{{ c }}, {% endfor %} count(*) as n_inversions
        from task as weaker
        inner join parameter on {{ of_year("weaker.school_year") }}
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
            cast(null as string) as reference_basis,
            'Отметку '
            || side
            || ' чаще всего; разрыв в две отметки и больше: '
            || coalesce(cast(n_gap2 as string) || ' чел.', 'нет сведений') as note,
            has_unconfirmed,
            {{ merged_list('delivery_ids', list_of(['journal_delivery_id'])) }} as delivery_ids
        from journal
        inner join parameter on {{ of_year("journal.school_year") }}
    ),

    inverted as (
        select
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            v.n_part,
            v.has_unconfirmed,
            m.delivery_ids,
            m.pct_hard - m.pct_basic as gap,
            r.pct_hard - r.pct_basic as register_gap,
            coalesce(i.n_inversions, 0) as n_inversions,
            m.pct_hard - m.pct_basic
            > obj6_z * sqrt(m.error_hard * m.error_hard + m.error_basic * m.error_basic)
            and r.pct_hard <= r.pct_basic as is_easier
        from vpr as v
        inner join parameter on {{ of_year("v.school_year") }}
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

    obj6 as (
        select
            school_id,
            municipality_id,
            school_year,
            {{ paper | join(', ') }},
            'OBJ6' as marker_code,
            gap as value,
            n_part as n,
            cast(0 as double) as threshold,
            cast(null as double) as p_value,
            case
                when n_part < obj2_indicative_n
                then null
                when n_inversions > 0
                then true
                else is_easier
            end as fired,
            case
                when n_part < obj2_indicative_n
                then 'insufficient_n'
                when gap is null
                then 'no_reference'
                when n_part >= obj2_confident_n
                then 'high'
                else 'indicative'
            end as confidence,
            register_gap as reference_value,
            'register' as reference_basis,
            case
                when n_part < obj2_indicative_n
                then 'Участников меньше ' || cast(cast(obj2_indicative_n as integer) as string)
                when n_inversions > 0 or is_easier
                then
                    concat_ws(
                        '; ',
                        case
                            when n_inversions > 0
                            then
                                'Заданий, которые слабая группа по отметке решила заметно лучше сильной: '
                                || cast(n_inversions as string)
                        end,
                        case
                            when is_easier
                            then
                                'Трудные задания (П, В) решены заметно лучше базовых, у всех участников — нет'
                        end
                    )
                else
                    'Слабая группа не решала заданий заметно лучше сильной, трудные задания не решены заметно лучше базовых'
            end as note,
            has_unconfirmed,
            delivery_ids
        from inverted
        inner join parameter on {{ of_year("inverted.school_year") }}
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
        inner join parameter on {{ of_year("vpr.school_year") }}
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
        inner join parameter on {{ of_year("vpr.school_year") }}
        where n_quality is not null and mean_pct_max is not null
    ),

    -- also the paper of a class in which everybody was absent
    listed_paper as (
        select
            paper.school_id,
            school.municipality_id,
            paper.school_year,
            {% for c in paper %} paper.{{ c }}, {% endfor %}
            paper.n_listed,
            paper.n_part,
            {{ list_of(['paper.pupil_delivery_id']) }} as delivery_ids
        from {{ ref('int_vpr_school_paper') }} as paper
        inner join {{ ref('stg_school') }} as school on paper.school_id = school.school_id
        where paper.n_listed > 0
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
            cast(null as string) as reference_basis,
            'Участвовали из числа записанных; причина отсутствия в файлах не указана' as note,
            false as has_unconfirmed,
            delivery_ids
        from listed_paper
        inner join parameter on {{ of_year("listed_paper.school_year") }}
    ),

    -- honours that the exams did not confirm; who is not linked to an exam tells nothing
    obj10 as (
        select
            honours.school_id,
            school.municipality_id,
            honours.school_year,
            cast(left(honours.school_year, 4) as integer) + 1 as cal_year,
            cast(null as string) as season,
            cast(null as integer) as programme_grade,
            cast(null as string) as subject,
            'OBJ10' as marker_code,
            100 * honours.numerator / honours.denominator as value,
            cast(honours.denominator as bigint) as n,
            cast(0 as double) as threshold,
            cast(null as double) as p_value,
            honours.numerator > 0 as fired,
            'medium' as confidence,
            cast(null as double) as reference_value,
            'ege' as reference_basis,
            'Медалистов, не подтвердивших результат на ЕГЭ: '
            || cast(cast(honours.numerator as integer) as string) as note,
            false as has_unconfirmed,
            honours.delivery_ids
        from {{ ref('msr_d1_honours') }} as honours
        inner join {{ ref('stg_school') }} as school on honours.school_id = school.school_id
        where honours.denominator > 0
    ),

    official as (
        select
            b.school_id,
            s.municipality_id,
            {{ list_school_year('b.list_year') }} as school_year,
            b.list_year as cal_year,
            cast(null as string) as season,
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
            {{ list_of(["b.delivery_id"]) }} as delivery_ids
        from {{ ref('int_bias_mark') }} as b
        inner join {{ ref('stg_school') }} as s on b.school_id = s.school_id
    ),

    marker as (
        {%- for name in ['obj1', 'obj6', 'obj7', 'obj8', 'obj9', 'obj10', 'official'] %}
            select *
            from {{ name }}
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
        union all
        select *
        from {{ ref('int_objectivity_spike') }}
        union all
        select *
        from {{ ref('int_objectivity_cohort') }}
    ),

    -- of a few pupils only their number is told
    shown as (
        select marker.*, value_n_show, coalesce(n < value_n_show, false) as is_tiny
        from marker
        inner join parameter on {{ of_year("marker.school_year") }}
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
    case when not is_tiny then cast(value as double) end as value,
    cast(n as integer) as n,
    cast(threshold as double) as threshold,
    case when not is_tiny then p_value end as p_value,
    case when not is_tiny then fired end as fired,
    case when is_tiny then 'insufficient_n' else confidence end as confidence,
    case when not is_tiny then reference_value end as reference_value,
    reference_basis,
    case
        when is_tiny
        then
            'участников меньше '
            || cast(cast(value_n_show as integer) as string)
            || ': значение не показывается'
        else note
    end as note,
    has_unconfirmed,
    delivery_ids
from shown
