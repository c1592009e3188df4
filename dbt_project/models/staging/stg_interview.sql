{{ staged("interview_result", {"school_year": school_year_of("exam_date")}) }}
