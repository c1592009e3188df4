{{ config(materialized='view') }}

-- A school made by mergers inherits the marks of all its predecessors.
with
    listed as (select school_id, list_year from {{ ref('int_bias_mark') }} where mark > 0),

    succession as ({{ all_successors(ref('stg_school'), 'school_id', 'successor_school_id') }}),

    bias_ever as (
        select school_id, list_year, false as is_inherited
        from listed
        union all
        select succession.later, listed.list_year, true
        from listed
        inner join succession on listed.school_id = succession.earlier
    )

select school_id, list_year, bool_and(is_inherited) as is_inherited
from bias_ever
group by school_id, list_year
