with
    part as (select * from {{ source('meta', 'delivery_part') }}),

    delivery as (select * from {{ source('meta', 'delivery') }}),

    renamed as (
        select
            part.table_name,
            part.delivery_id,
            part.part_no,
            -- the more authoritative sender first, then the later delivery
            cast(part.authority as bigint) * 1000000000 + delivery.seq as precedence
        from part
        inner join delivery on part.delivery_id = delivery.delivery_id
    )

select *
from renamed
