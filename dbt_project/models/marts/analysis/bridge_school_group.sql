{#- Which groups a school belongs to in a school year. What is not known of a school puts it into no
    group of that type. -#}
with
    parameter as (
        {{ parameters_in_force(["group_small_pupils", "group_large_pupils", "group_tenure_short", "group_tenure_long"]) }}
    ),

    ranked as (
        select
            *,
            -- of schools whose number four does not divide the first quarters get one more
            case
                when context_index is not null
                then
                    ntile(4) over (
                        partition by municipality_id, school_year, context_index is null
                        order by context_index, school_id
                    )
            end as context_quarter,
            median(non_native_share) over city as median_non_native,
            median(ovz_share) over city as median_ovz
        from {{ ref("int_school_context") }}
        window city as (partition by municipality_id, school_year)
    ),

    described as (
        select
            ranked.*,
            school.place_type,
            school.place_type_name,
            school.school_kind,
            school.school_kind_name,
            parameter.*
        from ranked
        inner join {{ ref("int_school") }} as school on ranked.school_id = school.school_id
        inner join parameter on {{ of_year("ranked.school_year") }}
    ),

    grouped as (
        select
            *,
            'place' as group_type,
            place_type as group_value,
            place_type_name as group_name,
            {{ empty_list() }} as delivery_ids
        from described
        union all
        select
            *,
            'kind',
            case when school_kind in ('lyceum', 'gymnasium') then 'advanced' else school_kind end,
            case
                when school_kind in ('lyceum', 'gymnasium')
                then 'лицей, гимназия'
                else school_kind_name
            end,
            {{ empty_list() }}
        from described
        union all
        select
            *,
            'size',
            case
                when n_pupils < group_small_pupils
                then 'small'
                when n_pupils <= group_large_pupils
                then 'middle'
                when n_pupils > group_large_pupils
                then 'large'
            end,
            case
                when n_pupils < group_small_pupils
                then 'до 100 обучающихся'
                when n_pupils <= group_large_pupils
                then '100–500 обучающихся'
                else 'больше 500 обучающихся'
            end,
            context_delivery_ids
        from described
        union all
        select
            *,
            'context',
            'q' || cast(context_quarter as string),
            cast(context_quarter as string)
            || '-я четверть: '
            || case
                context_quarter
                when 1
                then 'легче всего'
                when 4
                then 'тяжелее всего'
                else 'середина'
            end,
            context_delivery_ids
        from described
        union all
        select
            *,
            'shnor',
            case when is_listed then 'listed' else 'other' end,
            case when is_listed then 'школа с низкими результатами (ШНОР)' else 'прочие школы' end,
            coalesce(list_delivery_ids, {{ empty_list() }})
        from described
        {%- for name, share, ru in [
            ("language", "non_native", "с неродным русским языком"),
            ("ovz", "ovz", "с ОВЗ"),
        ] %}
            union all
            select
                *,
                '{{ name }}',
                case
                    when {{ share }}_share > median_{{ share }}
                    then 'above'
                    when {{ share }}_share <= median_{{ share }}
                    then 'below'
                end,
                case when {{ share }}_share > median_{{ share }} then 'выше' else 'не выше' end
                || ' медианы школ по доле обучающихся {{ ru }}',
                context_delivery_ids
            from described
        {%- endfor %}
        union all
        select
            *,
            'head_tenure',
            case
                when head_tenure_years < group_tenure_short
                then 'short'
                when head_tenure_years <= group_tenure_long
                then 'middle'
                when head_tenure_years > group_tenure_long
                then 'long'
            end,
            case
                when head_tenure_years < group_tenure_short
                then 'директор меньше 2 лет'
                when head_tenure_years <= group_tenure_long
                then 'директор 2–5 лет'
                else 'директор больше 5 лет'
            end,
            head_delivery_ids
        from described
    )

select school_id, municipality_id, school_year, group_type, group_value, group_name, delivery_ids
from grouped
where group_value is not null
