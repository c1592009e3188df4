{{
    known_participants(
        "select distinct 'ESSAY' as procedure, school_id, school_year, full_name_pid, participant_pid"
        ~ " from "
        ~ ref("stg_essay")
        ~ " union all"
        ~ " select distinct 'INTERVIEW', school_id, school_year, full_name_pid, participant_pid from "
        ~ ref("stg_interview")
    )
}}
