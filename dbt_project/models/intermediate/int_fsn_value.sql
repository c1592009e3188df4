with
    cell as (select * from {{ ref("stg_fsn_cell") }}),

    -- a form of an edition that nobody mapped yields nothing: tables move between editions
    cell_map as (
        select *, {{ is_unconfirmed("confidence") }} as is_unconfirmed
        from {{ ref("fsn_cell_map") }}
    )

select
    cell.school_id,
    cell.school_year,
    cell.form,
    cell_map.variable,
    cell_map.grade,
    cell_map.subject,
    sum(cell.cell_value) as value,
    bool_or(cell_map.is_unconfirmed) as has_unconfirmed,
    {{ distinct_list("cell.delivery_id") }} as delivery_ids
from cell
inner join
    cell_map
    on cell.form = cell_map.form
    and cell.edition = cell_map.edition
    and {{ without_leading_zeros("cell.section") }}
    = {{ without_leading_zeros("cell_map.section") }}
    and {{ without_leading_zeros("cell.row_code") }}
    = {{ without_leading_zeros("cell_map.row_code") }}
    and {{ without_leading_zeros("cell.column_code") }}
    = {{ without_leading_zeros("cell_map.column_code") }}
group by
    cell.school_id, cell.school_year, cell.form, cell_map.variable, cell_map.grade, cell_map.subject
