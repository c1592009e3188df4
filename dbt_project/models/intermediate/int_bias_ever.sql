{{ config(materialized='view') }}

-- A school made by mergers inherits the marks of all its predecessors; `union` ends any circle.
with recursive
    bias_ever as (
        select school_id, list_year, false as is_inherited
        from {{ ref('int_bias_mark') }}
        where mark > 0
        union
        select s.successor_school_id, b.list_year, true
        from bias_ever as b
        inner join {{ ref('stg_school') }} as s on b.school_id = s.school_id
        where s.successor_school_id is not null
    )

select school_id, list_year, bool_and(is_inherited) as is_inherited
from bias_ever
group by school_id, list_year
