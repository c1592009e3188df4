{#- What is known of a school's conditions in a school year, beside the measures: one place for groups
    and links. Shares are fractions; what was not delivered is empty. -#}
with
    known_year as (
        select school_year
        from {{ ref("int_school_result") }}
        union
        select school_year
        from {{ ref("int_school_year") }}
    ),

    snapshot as (
        select *, {{ snapshot_day("school_year") }} as snapshot_on
        from {{ ref("int_school_open") }}
        where school_year in (select school_year from known_year)
    ),

    passport as (
        select
            school_id,
            school_year,
            max(distance_km) as distance_km,
            {%- for column in ["n_low_income", "n_parents_higher", "n_ovz"] %}
                1.0 * sum({{ column }}) / nullif(sum(n_pupils), 0) as {{ column }}_share,
            {%- endfor %}
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_passport") }}
        group by school_id, school_year
    ),

    language as (
        select
            school_id,
            school_year,
            1.0 * sum(n_non_native) / nullif(sum(n_pupils), 0) as non_native_share,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_language_count") }}
        group by school_id, school_year
    ),

    -- the register of appointments goes before the day that a school writes for its head
    head as (
        select
            snapshot.school_id,
            snapshot.school_year,
            max(appointment.appointed_on) as appointed_on,
            {{ distinct_list("appointment.delivery_id") }} as delivery_ids
        from snapshot
        inner join
            {{ ref("stg_head_appointment") }} as appointment
            on snapshot.school_id = appointment.school_id
            and appointment.post_kind = 'head'
            and appointment.appointed_on <= snapshot.snapshot_on
            and coalesce(appointment.left_on > snapshot.snapshot_on, true)
        group by snapshot.school_id, snapshot.school_year
    ),

    head_by_school as (
        select
            school_id,
            school_year,
            max(post_since) as appointed_on,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_staff") }}
        where post_kind = 'head' and post_since is not null
        group by school_id, school_year
    )

select
    snapshot.school_id,
    snapshot.municipality_id,
    snapshot.school_year,
    own.n_pupils,
    1.0 * own.n_pupils / nullif(own.n_classes, 0) as class_size,
    passport.n_low_income_share as low_income_share,
    passport.n_parents_higher_share as parents_higher_share,
    passport.n_ovz_share as ovz_share,
    language.non_native_share,
    passport.distance_km,
    context.context_index,
    {{ days_between("coalesce(head.appointed_on, head_by_school.appointed_on)", "snapshot.snapshot_on") }}
    / 365.25 as head_tenure_years,
    listed.school_id is not null as is_listed,
    coalesce(context.has_unconfirmed, false)
    or coalesce(own.oo1_unconfirmed, false)
    or coalesce(own.pupils_unconfirmed, false) as has_unconfirmed,
    {{ merged_list(merged_list("own.pupils_delivery_ids", "own.oo1_delivery_ids"), merged_list("passport.delivery_ids", "language.delivery_ids")) }}
    as context_delivery_ids,
    coalesce(head.delivery_ids, head_by_school.delivery_ids) as head_delivery_ids,
    listed.delivery_ids as list_delivery_ids
from snapshot
left join
    {{ ref("int_school_year") }} as own
    on snapshot.school_id = own.school_id
    and snapshot.school_year = own.school_year
left join
    passport
    on snapshot.school_id = passport.school_id
    and snapshot.school_year = passport.school_year
left join
    language
    on snapshot.school_id = language.school_id
    and snapshot.school_year = language.school_year
left join
    {{ ref("int_context_index") }} as context
    on snapshot.school_id = context.school_id
    and snapshot.school_year = context.school_year
left join head on snapshot.school_id = head.school_id and snapshot.school_year = head.school_year
left join
    head_by_school
    on snapshot.school_id = head_by_school.school_id
    and snapshot.school_year = head_by_school.school_year
left join
    {{ ref("int_shnor_listed") }} as listed
    on snapshot.school_id = listed.school_id
    and snapshot.school_year = listed.school_year
