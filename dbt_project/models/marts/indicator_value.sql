select *
from {{ ref("int_d1_value") }}
union all
select *
from {{ ref("int_d2_value") }}
union all
select *
from {{ ref("int_d5_value") }}
