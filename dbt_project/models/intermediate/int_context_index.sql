with
    school_year as (
        select *, {{ merged_list("pupils_delivery_ids", "oo1_delivery_ids") }} as delivery_ids
        from {{ ref("int_school_year") }}
        where n_pupils > 0
    ),

    parameter as (
        {{
            parameters_by_year(
                ref("int_school_year"), ["context_min_variables", "context_small_school"]
            )
        }}
    ),

    -- higher is harder
    variable as (
        {%- for name in ["n_parents_no_higher", "n_low_income", "n_ovz", "n_accounted"] %}
            select
                school_id,
                school_year,
                '{{ name }}' as variable,
                cast({{ name }} as double) / n_pupils as value,
                false as has_unconfirmed,
                {{ list_of(["delivery_id"]) }} as delivery_ids
            from {{ ref("stg_passport") }}
            where n_pupils > 0
            union all
        {%- endfor %}
        select
            school_id,
            school_year,
            'n_non_native',
            sum(n_non_native) / sum(n_pupils),
            false,
            {{ distinct_list("delivery_id") }}
        from {{ ref("stg_language_count") }}
        group by school_id, school_year
        having sum(n_pupils) > 0
        union all
        select
            school_id,
            school_year,
            'n_pupils_shift2',
            n_pupils_shift2 / n_pupils,
            pupils_unconfirmed or oo1_unconfirmed,
            delivery_ids
        from school_year
        where n_pupils_shift2 is not null
        union all
        select
            school_year.school_id,
            school_year.school_year,
            'is_small_rural',
            case
                when
                    school.place_type = 'village'
                    and school_year.n_pupils < parameter.context_small_school
                then 1
                else 0
            end,
            school_year.pupils_unconfirmed,
            school_year.pupils_delivery_ids
        from school_year
        inner join {{ ref("int_school") }} as school on school_year.school_id = school.school_id
        inner join parameter on school_year.school_year = parameter.school_year
    ),

    spread as (
        select
            variable.*,
            school.municipality_id,
            avg(variable.value) over of_city as mean_value,
            stddev_samp(variable.value) over of_city as sd_value
        from variable
        inner join {{ ref("int_school") }} as school on variable.school_id = school.school_id
        window
            of_city as (
                partition by school.municipality_id, variable.school_year, variable.variable
            )
    )

select
    spread.school_id,
    spread.school_year,
    spread.municipality_id,
    -- sums of fractions depend on the order of rows in their last digits
    round(avg((spread.value - spread.mean_value) / spread.sd_value), 9) as context_index,
    count(*) as n_variables,
    bool_or(spread.has_unconfirmed) as has_unconfirmed,
    {{ union_of_lists("spread.delivery_ids") }} as delivery_ids
from spread
inner join parameter on spread.school_year = parameter.school_year
-- what is alike in all schools tells nothing
where spread.sd_value > 0
group by spread.school_id, spread.school_year, spread.municipality_id
having count(*) >= max(parameter.context_min_variables)
