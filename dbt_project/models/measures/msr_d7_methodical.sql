{%- set of_year = "act.school_year = year.school_year" -%}
with
    {{ staff_acts("attended", [{
        "form": "stg_meth_event",
        "window": of_year,
        "columns": {"is_municipal": "act.event_level = 'municipal'"},
    }]) }},

    {{ staff_acts("mentored", [{
        "form": "stg_mentor",
        "person": "mentee_pid",
        "window": lasts_in_year("act.started_on", "act.ended_on", "year.school_year"),
        "columns": {},
    }]) }},

    {{ staff_acts("networked", [{"form": "stg_network", "window": of_year, "columns": {}}]) }},

    of_staff as (
        {{ staff_shares([
            {
                "measure_code": "D7.01a",
                "acts": "attended",
                "persons": "staff.is_teacher",
                "done": "act.is_municipal",
            },
            {
                "measure_code": "D7.02a",
                "acts": "mentored",
                "persons": "staff.is_teacher and staff.is_young",
                "done": "act.person_pid is not null",
            },
            {
                "measure_code": "D7.03a",
                "acts": "networked",
                "persons": "staff.is_teacher",
                "done": "act.person_pid is not null",
            },
        ]) }}
    ),

    -- an event has a row for each participant
    event as (
        select
            school_year,
            event_id,
            event_type,
            max(subject) as subject,
            count(deficit_code) > 0 as has_deficit,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_meth_event") }}
        group by school_year, event_id, event_type
    ),

    journal_of_city as ({{ registers_of_city(ref("stg_meth_event")) }}),

    networks_of_city as ({{ registers_of_city(ref("stg_network")) }}),

    -- a journal of the city without practices tells that none was added: a row without a subject
    practice as (
        select
            school_year,
            subject,
            count(*) as n_practices,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from event
        where event_type = 'practice' and subject is not null
        group by school_year, subject
        union all
        select
            event.school_year,
            null,
            count(*) filter (where event.event_type = 'practice' and event.subject is null),
            {{ union_of_lists("event.delivery_ids") }}
        from event
        left join journal_of_city on event.school_year = journal_of_city.school_year
        group by event.school_year
        having
            count(journal_of_city.school_year) > 0
            or count(*) filter (where event.event_type = 'practice') > 0
    ),

    network as (
        select
            year.school_year,
            count(
                distinct case
                    when
                        network.community_kind = 'agreement'
                        or network.n_meetings >= year.network_meetings_min
                    then network.community_id
                end
            ) as n_networks,
            {{ distinct_list("network.delivery_id") }} as delivery_ids
        from ({{ parameters_by_year(ref("stg_network"), ["network_meetings_min"]) }}) as year
        inner join {{ ref("stg_network") }} as network on year.school_year = network.school_year
        group by year.school_year
    ),

    measured as (
        select
            measure_code,
            school_id,
            school_year,
            cast(null as string) as subject,
            numerator,
            denominator,
            denominator as n,
            cast(null as double) as value,
            delivery_ids
        from of_staff
        union all
        select
            'D7.01b',
            null,
            school_year,
            null,
            count(*) filter (where has_deficit),
            count(*),
            count(*),
            null,
            {{ union_of_lists("delivery_ids") }}
        from event
        where event_type in ('consultation', 'seminar', 'training', 'visit')
        group by school_year
        union all
        select 'D7.01c', null, school_year, subject, null, null, 1, n_practices, delivery_ids
        from practice
        union all
        select
            'D7.02b',
            null,
            school_year,
            null,
            count(*) filter (where has_report),
            count(*),
            count(*),
            null,
            {{ distinct_list("delivery_id") }}
        from {{ ref("stg_mentor") }}
        where ended_on between {{ snapshot_day("school_year") }} and {{ year_end("school_year") }}
        group by school_year
        union all
        select
            'D7.03b',
            null,
            network.school_year,
            null,
            null,
            null,
            1,
            network.n_networks,
            network.delivery_ids
        from network
        left join networks_of_city on network.school_year = networks_of_city.school_year
        where network.n_networks > 0 or networks_of_city.school_year is not null
    )

    {{ measure_rows("measured", ["subject", "numerator", "denominator", "n", "value"]) }}
