{{ config(materialized='view') }}

with
    cell as (
        select 'RU' as subject, 4 as programme_grade, 'm_4ru' as list_column
        union all
        select 'MA', 4, 'm_4ma'
        union all
        select 'RU', 5, 'm_5ru'
        union all
        select 'MA', 5, 'm_5ma'
    ),

    listed as (
        select
            school_id,
            list_year,
            n_markers,
            delivery_id,
            coalesce(m_4ru, 0) as m_4ru,
            coalesce(m_4ma, 0) as m_4ma,
            coalesce(m_5ru, 0) as m_5ru,
            coalesce(m_5ma, 0) as m_5ma
        from {{ ref('stg_bias_list') }}
    ),

    detailed as (
        select
            listed.school_id,
            listed.list_year,
            cell.subject,
            cell.programme_grade,
            case
                cell.list_column
                when 'm_4ru'
                then m_4ru
                when 'm_4ma'
                then m_4ma
                when 'm_5ru'
                then m_5ru
                else m_5ma
            end as mark,
            listed.delivery_id
        from listed
        cross join cell
        where m_4ru + m_4ma + m_5ru + m_5ma > 0
    ),

    undetailed as (
        select
            school_id,
            list_year,
            cast(null as string) as subject,
            cast(null as integer) as programme_grade,
            n_markers as mark,
            delivery_id
        from listed
        where m_4ru + m_4ma + m_5ru + m_5ma = 0
    )

select *
from detailed
union all
select *
from undetailed
