with
    parameter as ({{ parameters_in_force(['obj_review_codes']) }}),

    marker as (select * from {{ ref('mart_objectivity') }}),

    totalled as (
        select
            school_id,
            municipality_id,
            school_year,
            max(cal_year) as cal_year,
            count(case when marker_code = 'OFFICIAL' and fired then 1 end) as official_markers,
            count(case when marker_code <> 'OFFICIAL' and fired then 1 end) as own_markers,
            count(
                case when marker_code <> 'OFFICIAL' and fired is not null then 1 end
            ) as own_evaluated,
            -- a gap to the journal and absences have too many innocent causes to raise an alarm
            count(
                distinct case
                    when
                        marker_code not in ('OFFICIAL', 'OBJ1', 'OBJ9')
                        and fired
                        and confidence = 'high'
                    then marker_code
                end
            ) as own_codes_high,
            coalesce(bool_or(marker_code = 'OBJ2' and fired), false) as has_spike,
            {{ joined_text("case when marker_code <> 'OFFICIAL' and fired then marker_code end") }}
            as own_codes,
            bool_or(has_unconfirmed and fired) as has_unconfirmed,
            {{ union_of_lists('delivery_ids') }} as delivery_ids
        from marker
        group by school_id, municipality_id, school_year
    ),

    list_year as (
        select distinct school_id, school_year from marker where marker_code = 'OFFICIAL' and fired
    ),

    bias_flag as (
        select t.school_id, t.school_year, bool_and(b.is_inherited) as is_inherited
        from totalled as t
        inner join
            {{ ref('int_bias_ever') }} as b
            on t.school_id = b.school_id
            and b.list_year <= t.cal_year
        group by t.school_id, t.school_year
    ),

    -- A school year begins in the year of its first four digits.
    recent as (
        select t.school_id, t.school_year, count(distinct l.school_year) as years_in_list_last3
        from totalled as t
        inner join
            list_year as l
            on t.school_id = l.school_id
            and cast(left(t.school_year, 4) as integer) - cast(left(l.school_year, 4) as integer)
            between 0 and 2
        group by t.school_id, t.school_year
    )

select
    t.school_id,
    t.municipality_id,
    t.school_year,
    cast(t.official_markers as integer) as official_markers,
    cast(t.own_markers as integer) as own_markers,
    cast(t.own_evaluated as integer) as own_evaluated,
    cast(t.own_codes_high as integer) as own_codes_high,
    t.own_codes,
    cast(coalesce(r.years_in_list_last3, 0) as integer) as years_in_list_last3,
    b.school_id is not null as bias_ever,
    coalesce(b.is_inherited, false) as bias_inherited,
    case
        when t.official_markers > 0
        then 'official_list'
        when t.has_spike or t.own_codes_high >= obj_review_codes
        then 'review'
        when t.own_markers > 0
        then 'attention'
        when t.own_evaluated > 0
        then 'no_signs'
        else 'no_data'
    end as review_status,
    case
        when t.official_markers > 0
        then 'в официальном списке, требует проверки'
        when t.has_spike or t.own_codes_high >= obj_review_codes
        then 'требует проверки'
        when t.own_markers > 0
        then 'есть отдельные признаки'
        when t.own_evaluated > 0
        then 'признаков нет'
        else 'нет данных для проверки'
    end as review_status_ru,
    coalesce(t.has_unconfirmed, false) as has_unconfirmed,
    t.delivery_ids
from totalled as t
inner join parameter on {{ of_year("t.school_year") }}
left join recent as r on t.school_id = r.school_id and t.school_year = r.school_year
left join bias_flag as b on t.school_id = b.school_id and t.school_year = b.school_year
