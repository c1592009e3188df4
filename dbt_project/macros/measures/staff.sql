{#- Shares of a school's staff of whom registers tell something: courses, diagnostics, events.
    Where a register speaks for a school, who is not in it did not take part. -#}
{#- CTEs of what registers tell in each school year: `name` has the year, the person, the school and
    the columns asked for; `name_told` has the schools for which they speak.

    name: of the CTE.
    registers: dicts of form (a model with person_pid, school_id, delivery_id), window (SQL over
        `year.school_year` and `act`: the rows that tell of the year), columns (name → SQL over
        them), and person (the column of the person, if not person_pid).
    parameters: codes of the methodology's parameters that they use as `year.<code>`. -#}
{% macro staff_acts(name, registers, parameters=[]) %}
    {{ name }} as (
        {%- for register in registers %}
            select
                year.school_year,
                act.{{ register["person"] or "person_pid" }} as person_pid,
                act.school_id,
                {%- for column, expression in register["columns"].items() %}
                    {{ expression }} as {{ column }},
                {%- endfor %}
                act.delivery_id
            from ({{ parameters_by_year(ref("int_staff_person"), parameters) }}) as year
            inner join {{ ref(register["form"]) }} as act on {{ register["window"] }}
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    {{ name }}_told as ({{ register_speaks_for(ref("int_staff_person"), name) }})
{% endmacro %}

{#- Rows of measures, one select for each share, to be joined by `union all`.

    shares: dicts of measure_code, acts (a CTE of `staff_acts`), persons (SQL over `staff`: whom the
        measure is about), done (SQL over `act`, and `staff`: who is counted), and if need be staff
        (a CTE with the columns of int_staff_person), among (SQL over `act`: only those of whom a
        register tells this are counted at all), subject (true: by the subject taught), breakdown
        (its value), of_schools (true: a school counts as one, and whether anybody did). -#}
{% macro staff_shares(shares) %}
    {%- for share in shares %}
        {%- set done = "count(distinct case when " ~ share["done"] ~ " then staff.person_pid end)" %}
        select
            '{{ share["measure_code"] }}' as measure_code,
            counted.school_id,
            counted.school_year,
            counted.subject,
            '{{ share["breakdown"] or "all" }}' as breakdown,
            counted.numerator,
            counted.denominator,
            {{ merged_list("counted.delivery_ids", "told.delivery_ids") }} as delivery_ids
        from
            (
                select
                    staff.school_id,
                    staff.school_year,
                    {{ "staff.subject" if share["subject"] else "cast(null as string)" }}
                    as subject,
                    {%- if share["of_schools"] %}
                        case when {{ done }} > 0 then 1 else 0 end as numerator, 1 as denominator,
                    {%- else %}
                        {{ done }} as numerator, count(distinct staff.person_pid) as denominator,
                    {%- endif %}
                    {{ merged_list(union_of_lists("staff.delivery_ids"), distinct_list("act.delivery_id")) }}
                    as delivery_ids
                from {{ share["staff"] or ref("int_staff_person") }} as staff
                left join
                    {{ share["acts"] }} as act
                    on staff.school_year = act.school_year
                    and staff.person_pid = act.person_pid
                where
                    {{ share["persons"] }}
                    {%- if share["among"] %} and {{ share["among"] }} {%- endif %}
                    {%- if share["subject"] %} and staff.subject is not null {%- endif %}
                group by
                    staff.school_id,
                    staff.school_year
                    {%- if share["subject"] %}, staff.subject {%- endif %}
            ) as counted
        inner join
            {{ share["acts"] }}_told as told
            on counted.school_year = told.school_year
            and counted.school_id = told.school_id
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
{% endmacro %}
