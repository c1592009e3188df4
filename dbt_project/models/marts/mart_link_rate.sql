select
    source,
    table_name,
    known_by,
    school_year,
    n,
    case when is_register_delivered then n_linked end as n_linked,
    n_ambiguous,
    case when is_register_delivered then 100.0 * n_linked / n end as linked_share
from {{ ref("int_link_rate") }}
