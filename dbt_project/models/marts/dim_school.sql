select
    school_id,
    short_name,
    full_name,
    school_kind,
    school_kind_name,
    first_grade,
    last_grade,
    is_special_or_evening,
    place_type,
    place_type_name,
    municipality_id,
    municipality_name,
    opened_on,
    closed_on,
    successor_school_id
from {{ ref("int_school") }}
