{#- What the steps of `direction_value` share: columns of a measure's row, of a cut, of its breaks. -#}
{#- The columns that every msr model has. -#}
{% macro msr_columns() -%}
    measure_code,
    school_id,
    school_year,
    cal_year,
    season,
    grade,
    grade_label,
    subject,
    breakdown,
    numerator,
    denominator,
    base_numerator,
    base_denominator,
    n,
    value,
    sd,
    value_text,
    delivery_ids,
    has_unconfirmed
{%- endmacro %}

{#- The columns that tell one figure of a unit from another, of one relation. -#}
{% macro cut_of(relation) -%}
    {%- for name in ["measure_code", "school_year", "season", "grade", "subject", "breakdown"] -%}
        {{ relation }}.{{ name }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Whether two rows are the same cut; empty season, grade and subject mean the year's total. -#}
{% macro same_cut(left, right) -%}
    {{ left }}.measure_code = {{ right }}.measure_code
    and {{ left }}.school_year = {{ right }}.school_year
    and {{ left }}.season is not distinct from {{ right }}.season
    and {{ left }}.grade is not distinct from {{ right }}.grade
    and {{ left }}.subject is not distinct from {{ right }}.subject
    and {{ left }}.breakdown = {{ right }}.breakdown
{%- endmacro %}

{#- Whether a row of the catalogue is the one in force in the school year of another row. -#}
{% macro in_force(catalogue, row) -%}
    {{ row }}.school_year between {{ catalogue }}.first_year and {{ catalogue }}.last_year
{%- endmacro %}

{#- Columns that say with what a figure may not be compared, in the order in which they are told. -#}
{% macro break_columns() -%}
    {{ return(["programme_shift", "season_shift", "scale_change", "population", "biased"]) }}
{%- endmacro %}

{#- The breaks of a figure as one text. -#}
{% macro comparability_text() -%}
    coalesce(
        nullif(
            concat_ws(
                ', '
                {%- for name in break_columns() -%}
                    ,
                    case
                        when {{ name }} then '{{ "season" if name == "season_shift" else name }}'
                    end
                {%- endfor -%}
            ),
            ''
        ),
        'comparable'
    )
{%- endmacro %}
