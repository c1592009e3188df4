{{ config(materialized="view") }}
select school_id, school_year, full_name_pid, person_pid, participant_pid, procedure
from {{ ref("int_exam_participant") }}
where link_state = 'linked'
