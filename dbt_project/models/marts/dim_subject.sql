with
    subject as (select * from {{ ref("subjects") }}),

    coded as (
        select code as subject, name_ru as subject_name
        from subject
        union all
        select code || '_base', name_ru || ' (базовый уровень)'
        from subject
        where code = 'MA'
    )

select subject, subject_name
from coded
