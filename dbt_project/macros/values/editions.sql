{#- Rows of a catalogue seed with the school years in which they are in force: the edition valid on
    31 August, the last day of a school year; years before the first edition use the first one. So
    a new edition leaves earlier years as they were computed.

    seed: name of the seed, with valid_from and valid_to.
    key: columns that name a row across editions. -#}
{% macro edition_rows(seed, key) %}
    select
        *,
        case
            when row_number() over (partition by {{ key | join(", ") }} order by valid_from) = 1
            then '0000/00'
            else {{ school_year_on("valid_from") }}
        end as first_year,
        case
            when valid_to is null
            then '9999/99'
            else
                {{ school_year_text("cast(extract(year from valid_to) as integer) - case when extract(month from valid_to) >= 9 or (extract(month from valid_to) = 8 and extract(day from valid_to) = 31) then 1 else 2 end") }}
        end as last_year
    from {{ ref(seed) }}
{% endmacro %}

{#- Whether an edition of one catalogue row is the one in force on the last day of another's edition. -#}
{% macro in_force_with(edition, whole) -%}
    coalesce({{ whole }}.valid_to, date '9999-12-31')
    between {{ edition }}.valid_from and coalesce({{ edition }}.valid_to, date '9999-12-31')
{%- endmacro %}

{#- School year that a day belongs to: from 1 September to 31 August. -#}
{% macro school_year_on(day) -%}
    {{ school_year_text("cast(extract(year from " ~ day ~ ") as integer) - case when extract(month from " ~ day ~ ") >= 9 then 0 else 1 end") }}
{%- endmacro %}

{#- School year that begins in a calendar year, such as 2020/21. -#}
{% macro school_year_text(year) -%}
    cast({{ year }} as string) || '/' || right(cast({{ year }} + 1 as string), 2)
{%- endmacro %}
