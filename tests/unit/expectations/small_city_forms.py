"""Clean rows of the forms and registers for the tiny city; all of school A, year 2021/22."""

from __future__ import annotations

import datetime as dt

SCHOOL = {"school_code": "edu230001", "school_id": "A", "school_match": "login"}
YEAR = {"school_year": "2021/22"}
OWN = {**SCHOOL, **YEAR}
DAY = dt.date(2021, 11, 10)
LATER = dt.date(2022, 2, 10)
DOCUMENT = {"document_no": "1", "document_date": DAY}


def pid(number: int) -> str:
    """A well-formed pseudonym."""
    return f"{number:08d}".translate(str.maketrans("0123456789", "abcdefghij")) + "z" * 18


TEACHER, HEAD, YOUNG = pid(901), pid(902), pid(903)
NAME = {"full_name_pid": pid(800)}
_EXAM = {**SCHOOL, **NAME, "participant_pid": pid(9), "pid_basis": "document"}
_RISK = {"n_pupils": 10, "n_at_risk": 4}

FORMS: dict[str, list[dict[str, object]]] = {
    "pupil_year": [
        {**OWN, **NAME, "person_pid": pid(n), "grade_label": grade, "movement_type": "stays",
         "enrolled_on": dt.date(2021, 9, 1), "left_on": dt.date(2022, 8, 25)}
        for grade, numbers in ((5, range(1, 6)), (9, range(6, 11))) for n in numbers
    ],
    "staff": [
        {**OWN, "person_pid": TEACHER, "post_kind": "teacher", "birth_year": 1980,
         "subject": "RU", "weekly_hours": 20, "post_rate": 1, "ped_experience": 15,
         "education": "higher", "is_ped_education": True, "post_since": dt.date(2010, 9, 1)},
        {**OWN, "person_pid": HEAD, "post_kind": "head"},
        {**OWN, "person_pid": YOUNG, "post_kind": "teacher"},
    ],
    "fsn_cell": [
        {**SCHOOL, "form": "oo1", "form_year": 2021, "edition": "2021", "section": section,
         "row_code": row, "column_code": column, "cell_value": value}
        for section, row, column, value in (
            ("2.1", "02", "3", 10), ("2.1", "02", "8", 5), ("2.1", "02", "12", 5),
            ("2.1", "03", "3", 2), ("2.1", "03", "8", 2), ("3.1", "01", "3", 2))
    ],
    "accreditation": [
        {"ogrn": "1022300000001", "inn": "2305000001", "certificate_no": "1", "is_active": True,
         "issued_on": DAY, "valid_to": dt.date(2099, 1, 1)},
    ],
    "agreement": [
        {**SCHOOL, "agreement_id": "1", "partner_type": "college", "valid_from": DAY,
         "valid_to": LATER},
    ],
    "attendance": [
        {**OWN, "grade_label": 5, "class_label": "5А", "month": 10, "n_pupils": 5,
         "lessons_due": 500, "missed_excused": 20, "missed_unexcused": 5},
    ],
    "attestation": [
        {**SCHOOL, "person_pid": TEACHER, "category": "first", "decided_on": DAY,
         "valid_to": dt.date(2026, 11, 10)},
    ],
    "burnout_survey": [{**OWN, "wave": 1, "n_respondents": 10, "n_high": 2}],
    "career_diagnostics": [{**OWN, "grade_label": 9, "n_diagnosed": 4, "tool": "bvb"}],
    "consumer_survey": [
        {**OWN, "wave": 1, "question_code": "ВСЕГО", "n_respondents": 10, "n_satisfied": 8},
    ],
    "contest_result": [
        {**OWN, "person_pid": person, "participant_role": role, "contest_id": "1",
         "contest_kind": kind, "contest_level": "municipal", "result_status": "winner"}
        for person, role, kind in ((pid(1), "pupil", "subject"), (TEACHER, "teacher", "teacher"))
    ],
    "cpd_course": [
        {**OWN, "person_pid": TEACHER, "programme_id": "1", "topic": "soko", "hours": 36,
         "finished_on": DAY},
    ],
    "cpd_programme": [
        {**YEAR, "programme_id": "1", "programme_name": "ОКО", "checklist_passed": True},
    ],
    "custom_indicator": [
        {**OWN, "measure_code": "D1.13x", "custom_code": "1", "custom_name": "Иное",
         "formula_text": "а / б", "numerator": 1, "denominator": 2, "unit_name": "%",
         "document_no": "1"},
    ],
    "cycle_step": [{**YEAR, **DOCUMENT, "direction_code": "D1", "step": "goals"}],
    "decision": [
        {**OWN, **DOCUMENT, "decision_id": "1", "direction_code": "D1", "decision_kind": "order", "effect_measure": "D1.01a",
         "results_on": dt.date(2021, 10, 1)},
    ],
    "diagnostic_count": [
        {**OWN, "grade_label": 5, "n_pupils": 5, "n_diagnosed": 5, "n_below": 2, "n_route": 2,
         "n_retook": 2, "n_reached": 1},
    ],
    "essay_result": [
        {**_EXAM, "exam_date": dt.date(2021, 12, 1), "work_kind": "essay", "passed": True},
    ],
    "expert": [
        {**OWN, "person_pid": TEACHER, "expert_role": "expert", "subject": "RU",
         "procedure_kind": "vpr", "trained_on": DAY, "valid_to": LATER},
    ],
    "external_audit": [
        {**SCHOOL, "audit_id": "1", "audited_on": DAY, "rec_id": "1", "due_on": LATER,
         "done_on": LATER},
    ],
    "extra_enrolment": [
        {**OWN, **NAME, "person_pid": pid(2), "grade_label": 5, "age": 11, "programme_id": "1",
         "programme_direction": "art", "is_profile": False, "enrolled_on": dt.date(2021, 9, 5),
         "left_on": LATER},
    ],
    "gifted_count": [{**OWN, "n_gifted": 3, "n_with_support": 2}],
    "head_appointment": [
        {**SCHOOL, "person_pid": HEAD, "post_kind": "head", "appointed_on": DAY,
         "is_from_reserve": True, "left_on": LATER},
    ],
    "holiday_count": [
        {**OWN, "period": "autumn", "n_pupils": 10, "n_occupied": 6, "n_at_risk": 2,
         "n_at_risk_occupied": 2},
    ],
    "interview_result": [
        {**_EXAM, "exam_date": dt.date(2022, 2, 9), "points": 15, "passed": True},
    ],
    "kdr_result": [
        {**OWN, "work_code": "К1", "work_kind": "kdr", "test_date": DAY, "grade_label": 5,
         "subject": "RU", "n_listed": 5, "n_part": 5, "n2": 1, "n3": 2, "n4": 1, "n5": 1,
         "mean_pct": 61.5, "krai_mean_pct": 60},
    ],
    "language_count": [
        {**OWN, "grade_label": 5, "n_pupils": 5, "n_non_native": 2, "n_supported": 1, "n_took": 2,
         "n_basic": 1},
    ],
    "leaver": [
        {**OWN, **NAME, "person_pid": pid(n), "grade_label": 9, "certificate": "yes",
         "destination": "college", "specialty_code": "09.02.07", "confirmed_on": dt.date(2022, 9, 1)}
        for n in range(6, 11)
    ],
    "low_result_attendance": [
        {**OWN, "quarter": 1, "n_low": 2, "lessons_due": 200, "missed": 20,
         "missed_unexcused": 5, "n_pupils": 10, "n_truants": 0},
    ],
    "mentor_pair": [
        {**OWN, "mentor_pid": TEACHER, "mentee_pid": YOUNG, "started_on": DAY, "ended_on": LATER,
         "has_report": True},
    ],
    "meth_event": [
        {**OWN, "person_pid": TEACHER, "event_id": "1", "event_date": DAY,
         "event_type": "seminar", "event_level": "municipal", "subject": "RU"},
    ],
    "municipal_test": [
        {**OWN, "work_kind": "oge_online", "work_code": "1", "test_date": DAY, "grade_label": 9,
         "subject": "RU", "n_listed": 5, "n_part": 5, "n_pass": 4, "n_high": 1},
    ],
    "network_member": [
        {**OWN, "person_pid": TEACHER, "community_id": "1", "community_kind": "mmo",
         "subject": "RU", "n_meetings": 4},
    ],
    "niko_result": [
        {**SCHOOL, "study": "НИКО", "cal_year": 2022, "subject": "RU", "grade_label": 5,
         "n_part": 5, "mean_pct": 60, "sd_pct": 10, "rf_mean": 58},
    ],
    "noko_score": [
        {**SCHOOL, "cal_year": 2022, "k1": 90, "k2": 80, "k3": 70, "k4": 100, "k5": 90,
         "total": 86},
    ],
    "observation": [
        {**OWN, "procedure_kind": "vpr", "subject": "RU", "held_on": DAY, "n_rooms": 4,
         "n_rooms_observed": 3, "n_observers": 3, "n_independent": 2},
    ],
    "prevention_count": [
        {**OWN, **_RISK, "n_accounted": 1, "n_at_risk_plan": 4, "n_at_risk_extra": 3,
         "n_at_risk_took": 4, "n_at_risk_basic": 2, "n_ipr_before": 2, "n_ipr_closed": 1,
         "n_offences": 2, "n_offences_repeat": 1},
    ],
    "prevention_pupil": [
        {**OWN, **NAME, "person_pid": pid(3), "account_type": "vshu", "on_from": DAY, "on_to": LATER},
    ],
    "procedure_check": [
        {**OWN, "check_id": "1", "procedure_kind": "vpr", "subject": "RU", "checked_on": DAY,
         "item_code": "1", "is_violation": False},
    ],
    "programme_target": [
        {**YEAR, **DOCUMENT, "direction_code": "D1", "goal_text": "Цель",
         "measure_code": "D1.01a", "target_value": 5},
    ],
    "recommendation": [
        {**OWN, "rec_id": "1", "direction_code": "D1", "measure_code": "D1.01a", "addressee": "head", "issued_on": DAY,
         "due_on": LATER, "done_on": LATER},
    ],
    "reserve_post": [
        {**OWN, "person_pid": TEACHER, "post_id": "1", "post_kind": "deputy", "included_on": DAY,
         "is_trained": True},
    ],
    "school_document": [
        {**OWN, "doc_type": "vsoko", "document_no": "1", "approved_on": DAY,
         "results_on": dt.date(2021, 10, 1), "n_items_due": 10, "n_items_done": 9},
    ],
    "sen_count": [
        {**OWN, "n_sen": 4, "n_pmpk": 3, "n_aop": 3, "n_prescribed": 3, "n_supported": 2,
         "n_extra": 2, "n_skills": 1, "n_leavers9": 1, "n_leavers9_continued": 1,
         "n_leavers11": 0, "n_leavers11_continued": 0},
    ],
    "sen_pupil": [{**OWN, **NAME, "person_pid": pid(4), "grade_label": 5, "pmpk_on": DAY}],
    "site_check": [
        {**OWN, "item_code": "1", "is_present": True, "is_fresh": True, "checked_on": DAY},
    ],
    "social_passport": [
        {**OWN, "n_pupils": 10, "n_low_income": 2, "n_parents_no_higher": 4,
         "n_parents_higher": 6, "n_ovz": 4, "n_accounted": 1, "n_large_family": 2,
         "n_guardianship": 0, "distance_km": 5},
    ],
    "staff_post": [{**OWN, "post_group": "teaching", "posts_total": 20, "posts_vacant": 1}],
    "teacher_diagnostics": [
        {**OWN, "person_pid": TEACHER, "diagnosed_role": "teacher", "subject": "RU",
         "diagnosed_on": DAY, "score_pct": 70, "level": "sufficient", "is_voluntary": True,
         "plan_on": LATER},
    ],
    "volunteer_count": [{**OWN, "n_pupils8": 10, "n_volunteers": 4}],
    "vsosh_result": [
        {**OWN, **NAME, "person_pid": pid(1), "stage": stage, "subject": "MA", "grade_label": 5,
         "grade_of_task": 5, "points": 60, "max_points": 100, "result_status": "winner"}
        for stage in ("school", "municipal")
    ],
}  # fmt: skip
