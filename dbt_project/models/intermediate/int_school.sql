with
    school as (select * from {{ ref("stg_school") }}),

    kind as (
        select 'nosh' as school_kind, 'НОШ' as school_kind_name, 1 as first_grade, 4 as last_grade
        union all
        select 'oosh', 'ООШ', 1, 9
        union all
        select 'sosh', 'СОШ', 1, 11
        union all
        select 'lyceum', 'лицей', 1, 11
        union all
        select 'gymnasium', 'гимназия', 1, 11
        union all
        select 'evening', 'вечерняя', 1, 11
        union all
        select 'special', 'коррекционная', 1, 11
    )

select
    school.school_id,
    school.short_name,
    school.full_name,
    school.school_kind,
    kind.school_kind_name,
    kind.first_grade,
    kind.last_grade,
    school.school_kind in ('special', 'evening') as is_special_or_evening,
    school.place_type,
    case
        school.place_type
        when 'city'
        then 'город'
        when 'pgt'
        then 'посёлок городского типа'
        else 'сельская местность'
    end as place_type_name,
    school.municipality_id,
    school.municipality_name,
    school.opened_on,
    school.closed_on,
    school.successor_school_id
from school
left join kind on school.school_kind = kind.school_kind
