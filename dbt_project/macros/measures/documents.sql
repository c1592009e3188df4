{#- Schools that have all documents asked for, approved by the end of the year: 1 or 0 of 1, if
    the register of documents speaks for them.

    measure_code: of the measure.
    schools: a model with school_id, school_year, one row a school.
    doc_types: the documents asked for.
    valid: SQL over `document`, if a document must be more than approved. -#}
{% macro schools_with_documents(measure_code, schools, doc_types, valid="true") %}
    select
        '{{ measure_code }}' as measure_code,
        asked.school_id,
        asked.school_year,
        case
            when
                count(
                    distinct case
                        when
                            {{ valid }}
                            and document.approved_on <= {{ year_end("document.school_year") }}
                        then document.doc_type
                    end
                )
                = {{ doc_types | length }}
            then 1
            else 0
        end as numerator,
        1 as denominator,
        case
            when count(document.delivery_id) > 0
            then {{ distinct_list("document.delivery_id") }}
            else {{ union_of_lists("register.delivery_ids") }}
        end as delivery_ids
    from {{ ref(schools) }} as asked
    inner join
        ({{ register_speaks_for(ref(schools), ref("stg_document")) }}) as register
        on asked.school_id = register.school_id
        and asked.school_year = register.school_year
    left join
        {{ ref("stg_document") }} as document
        on asked.school_id = document.school_id
        and asked.school_year = document.school_year
        and document.doc_type in ('{{ doc_types | join("', '") }}')
    group by asked.school_id, asked.school_year
{% endmacro %}
