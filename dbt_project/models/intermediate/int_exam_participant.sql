{{
    known_participants(
        "select distinct procedure, school_id, school_year, full_name_pid, participant_pid from "
        ~ ref("int_exam_attempt")
    )
}}
