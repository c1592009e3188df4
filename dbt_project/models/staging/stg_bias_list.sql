with
    source as (select * from {{ source('raw', 'bias_list') }}),

    renamed as (
        select delivery_id, school_id, list_year, m_4ru, m_4ma, m_5ru, m_5ma, n_markers from source
    )

select *
from renamed
