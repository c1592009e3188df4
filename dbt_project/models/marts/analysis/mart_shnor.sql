{#- Four rules side by side; the models only propose, a person decides (stg_shnor_decision). -#}
with
    parameter as (
        {{ parameters_in_force([
            'shnor_n_min', 'shnor_min_levels', 'shnor_score_min', 'shnor_federal_share'
        ]) }}
    ),

    component as (select * from {{ ref('int_shnor_component') }} where not pooled),

    scored as (
        select
            school_id,
            municipality_id,
            school_year,
            y1,
            y2,
            count(case when in_seed_rule and low_level is not null then 1 end) as n_level,
            count(
                case
                    when in_seed_rule and state in ('worse', 'worse_weak', 'better', 'stable')
                    then 1
                end
            ) as n_dynamics,
            count(case when in_seed_rule and state = 'worse' then 1 end) as n_worse,
            count(case when in_seed_rule and state = 'worse_weak' then 1 end) as n_worse_weak,
            count(case when in_seed_rule and state = 'better' then 1 end) as n_better,
            count(case when in_seed_rule and low_level then 1 end) as n_low_level,
            sum(counted) as result_score,
            sum(case when counted = 1 and not low_confidence then 1 else 0 end) as confident_score,
            count(
                case
                    when in_seed_rule and procedure = 'VPR' and delta_pp is not null
                    then 1
                    when in_seed_rule and procedure = 'EGE' and delta_rel is not null
                    then 1
                end
            ) as n_literal,
            count(
                case
                    when in_seed_rule and procedure = 'VPR' and delta_pp > 0
                    then 1
                    when in_seed_rule and procedure = 'EGE' and delta_rel < 0
                    then 1
                end
            ) as n_negative,
            count(case when n2 >= shnor_n_min and p2 is not null then 1 end) as n_federal,
            count(
                case when n2 >= shnor_n_min and p2 >= shnor_federal_share then 1 end
            ) as n_federal_low,
            count(
                case
                    when
                        n2 >= shnor_n_min
                        and p2 >= shnor_federal_share
                        and n1 >= shnor_n_min
                        and p1 >= shnor_federal_share
                    then 1
                end
            ) as n_federal_twice,
            min(
                case when in_seed_rule and n2 >= shnor_n_min and stat_known then n2 end
            ) as smallest_n,
            bool_or(has_unconfirmed) as has_unconfirmed,
            bool_or(selection_shift) as selection_shift,
            bool_or(two_seasons) as two_seasons,
            {{ union_of_lists('delivery_ids') }} as delivery_ids
        from (select *, low_level is not null as stat_known from component) as component
        inner join parameter on {{ of_year("component.school_year") }}
        group by school_id, municipality_id, school_year, y1, y2
    ),

    bias_flag as (
        select r.school_id, r.y2, bool_and(b.is_inherited) as is_inherited
        from scored as r
        inner join
            {{ ref('int_bias_ever') }} as b on r.school_id = b.school_id and r.y2 >= b.list_year
        group by r.school_id, r.y2
    ),

    school as (
        select
            scored.*,
            s.school_kind in ('special', 'evening') as is_excluded_kind,
            b.school_id is not null as bias_ever,
            coalesce(b.is_inherited, false) as bias_inherited,
            result_score + case when b.school_id is not null then 1 else 0 end as total_score
        from scored
        inner join {{ ref('stg_school') }} as s on scored.school_id = s.school_id
        left join bias_flag as b on scored.school_id = b.school_id and scored.y2 = b.y2
    ),

    official as (
        select
            list_school_year,
            school_id,
            max(document_no) as document_no,
            max(document_date) as document_date,
            {{ distinct_list('delivery_id') }} as delivery_ids
        from {{ ref('stg_shnor_official') }}
        group by list_school_year, school_id
    ),

    official_year as (select distinct list_school_year from official),

    decision as (
        select *
        from
            (
                select
                    *,
                    row_number() over (
                        partition by school_id, decision_school_year
                        order by document_date desc, document_no desc
                    ) as recency
                from {{ ref('stg_shnor_decision') }}
            ) as ranked
        where recency = 1
    ),

    ruled as (
        select
            school.*,
            'seed_literal' as rule_code,
            n_negative + case when bias_ever then 1 else 0 end as score,
            case
                when is_excluded_kind
                then 'excluded_kind'
                when n_literal = 0 and not bias_ever
                then 'insufficient_data'
                when n_negative > 0 or bias_ever
                then 'negative_signs'
                else 'no_signs'
            end as status,
            cast(null as boolean) as is_proposed
        from school
        union all
        select
            school.*,
            'seed_operational',
            total_score,
            case
                when is_excluded_kind
                then 'excluded_kind'
                when n_level < shnor_min_levels
                then 'insufficient_data'
                when total_score >= shnor_score_min and result_score >= 1
                then 'shnor_candidate'
                when result_score = 0 and bias_ever
                then 'objectivity_review'
                when total_score > 0
                then 'risk_zone'
                when n_worse_weak > 0
                then 'watch'
                else 'no_signs'
            end,
            case
                when is_excluded_kind or n_level < shnor_min_levels
                then null
                else total_score >= shnor_score_min and result_score >= 1
            end
        from school
        inner join parameter on {{ of_year("school.school_year") }}
        union all
        select
            school.*,
            'federal_30pct',
            n_federal_low,
            case
                when is_excluded_kind
                then 'excluded_kind'
                when n_federal = 0
                then 'insufficient_data'
                when n_federal_low >= 2 or n_federal_twice >= 1
                then 'shnor_candidate'
                else 'no_signs'
            end,
            case
                when is_excluded_kind or n_federal = 0
                then null
                else n_federal_low >= 2 or n_federal_twice >= 1
            end
        from school
        union all
        select
            school.*,
            'official_list',
            cast(null as bigint),
            case
                when official_year.list_school_year is null
                then 'no_list'
                when official.school_id is null
                then 'not_listed'
                else 'listed'
            end,
            case
                when official_year.list_school_year is not null then official.school_id is not null
            end
        from school
        left join official_year on school.school_year = official_year.list_school_year
        left join
            official
            on school.school_year = official.list_school_year
            and school.school_id = official.school_id
    ),

    with_previous as (
        select
            ruled.*,
            lag(result_score) over (
                partition by school_id, rule_code order by y2
            ) as previous_score,
            lag(n_level) over (partition by school_id, rule_code order by y2) as previous_levels,
            lag(y2) over (partition by school_id, rule_code order by y2) as previous_y2
        from ruled
    )

select
    r.school_id,
    r.municipality_id,
    r.school_year,
    r.y1,
    r.y2,
    r.rule_code,
    r.status,
    r.is_proposed,
    cast(r.score as integer) as score,
    cast(r.result_score as integer) as result_score,
    cast(r.n_level as integer) as n_level,
    cast(r.n_dynamics as integer) as n_dynamics,
    cast(r.n_worse as integer) as n_worse,
    cast(r.n_worse_weak as integer) as n_worse_weak,
    cast(r.n_better as integer) as n_better,
    cast(r.n_low_level as integer) as n_low_level,
    cast(r.n_federal_low as integer) as n_federal_low,
    r.bias_ever,
    r.bias_inherited,
    r.selection_shift,
    r.two_seasons,
    r.rule_code = 'seed_operational'
    and r.status = 'shnor_candidate'
    and r.confident_score = 0 as needs_review,
    official_year.list_school_year is not null as official_list_known,
    case
        when official_year.list_school_year is not null then official.school_id is not null
    end as is_official,
    official.document_no as official_document_no,
    case
        when official_year.list_school_year is not null
        then r.is_proposed = (official.school_id is not null)
    end as agrees_with_official,
    d.decision,
    d.document_no as decision_document_no,
    d.document_date as decision_date,
    d.reason as decision_reason,
    case
        when r.rule_code = 'seed_operational' and not r.is_excluded_kind
        then
            (official.school_id is not null or coalesce(d.decision = 'include', false))
            and r.result_score = 0
            and r.n_level >= shnor_min_levels
            and r.previous_y2 = r.y2 - 1
            and r.previous_score = 0
            and r.previous_levels >= shnor_min_levels
    end as exit_proposed,
    case
        when r.rule_code not in ('seed_operational', 'federal_30pct') or r.smallest_n is null
        then null
        when r.rule_code = 'federal_30pct' and r.smallest_n < 25
        then
            'При '
            || r.smallest_n
            || ' участниках линия 30 % ненадёжна: при истинной доле «2» 20 %'
            || ' её случайно достигают 32 % школ с 10 участниками и 11 % с 25'
        when r.rule_code = 'federal_30pct'
        then
            'Линия 30 % при 25 участниках и истинной доле «2» 20 % случайно достигается в 11 % случаев'
        when r.smallest_n < 20
        then
            'Школа с 12 участниками без перемен попадает в кандидаты случайно в 4, 14 и 30 % случаев'
            || ' при истинной доле «2» 8, 15 и 20 %; решает человек'
        when r.smallest_n < 40
        then
            'Школа с 25 участниками без перемен попадает в кандидаты случайно в 3, 6 и 15 % случаев'
            || ' при истинной доле «2» 8, 15 и 20 %'
        when r.smallest_n < 65
        then
            'Школа с 50 участниками без перемен попадает в кандидаты случайно в 3, 4 и 7 % случаев'
            || ' при истинной доле «2» 8, 15 и 20 %'
        else
            'Школа с 75 участниками без перемен попадает в кандидаты случайно в 1, 3 и 4 % случаев'
            || ' при истинной доле «2» 8, 15 и 20 %'
    end as false_alarm_note,
    r.has_unconfirmed,
    {{ merged_list('r.delivery_ids', 'official.delivery_ids') }} as delivery_ids
from with_previous as r
inner join parameter on {{ of_year("r.school_year") }}
left join official_year on r.school_year = official_year.list_school_year
left join official on r.school_year = official.list_school_year and r.school_id = official.school_id
left join decision as d on r.school_year = d.decision_school_year and r.school_id = d.school_id
