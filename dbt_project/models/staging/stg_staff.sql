{{
    staged(
        "staff",
        {
            "is_teacher": "post_kind = 'teacher'",
            "is_admin": "post_kind in ('head', 'deputy', 'deputy_upbringing')",
        },
    )
}}
