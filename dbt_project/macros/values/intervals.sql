{#- Value and 95 % interval by the measure's method. At school level: Wilson (1927) for a share,
    Newcombe (1998, method 10) for a difference of shares, Student for means and their differences,
    or the limits that the measure brings. Above the school: the jackknife over schools. Complete
    counts have none. -#}
{% macro value_intervals() %}
    bounded as (
        select
            judged.*,
            {%- for side, sign in [("low", "-"), ("high", "+")] %}
                case
                    when is_hidden or interval_method = 'none' or estimate is null
                    then null
                    when level <> 'school'
                    then
                        multiplier
                        * (estimate {{ sign }} quantile.t_975 * nullif(jackknife_error, 0))
                    when given_{{ side }} is not null
                    then given_{{ side }}
                    when kind = 'ratio'
                    then multiplier * {{ wilson_limit("estimate", "d", z95(), sign) }}
                    when bd > 0
                    then multiplier * {{ share_difference_limit(side) }}
                    when ss is not null
                    then
                        estimate {{ sign }} quantile.t_975
                        * sqrt(greatest(ss - n * estimate * estimate, 0) / nullif(n - 1, 0) / n)
                end as raw_{{ side }}
                {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from judged
        left join
            {{ ref("t_quantile") }} as quantile
            on quantile.df = least(case when level = 'school' then n else n_estimates end, 301) - 1
    ),

    valued as (
        select
            *,
            case
                when is_hidden or kind = 'enum'
                then null
                when kind = 'count' and level <> 'school'
                then x
                else multiplier * estimate
            end as value,
            case when kind = 'ratio' and raw_low < 0 then 0 else raw_low end as ci_low,
            case
                when kind = 'ratio' and unit = '%' and raw_high > 100 then 100 else raw_high
            end as ci_high
        from bounded
    )
{% endmacro %}
