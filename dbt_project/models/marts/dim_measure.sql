with
    measure as (select * from {{ ref("measures") }}),

    norm as (select * from {{ ref("norms") }} where breakdown is null)

select
    measure.measure_code,
    measure.indicator_code,
    measure.direction_code,
    measure.name_ru as measure_name,
    measure.formula_ru as formula,
    measure.numerator_ru as numerator,
    measure.denominator_ru as denominator,
    measure.unit,
    measure.grain,
    measure.better,
    measure.basis,
    measure.pd_class,
    measure.audience,
    measure.audience_above,
    measure.sources,
    measure.kind,
    measure.layer,
    measure.interval_method,
    measure.min_n,
    measure.school_min_n,
    measure.is_primary,
    measure.implemented as is_implemented,
    measure.tables,
    norm.value as norm_value,
    norm.bad_side as norm_bad_side,
    norm.name_ru as norm_name,
    norm.norm_level,
    norm.basis as norm_basis,
    norm.confidence as norm_confidence,
    norm.valid_from as norm_valid_from,
    norm.valid_to as norm_valid_to,
    measure.methodology_version,
    measure.valid_from,
    measure.valid_to
from measure
left join
    norm on measure.measure_code = norm.measure_code and {{ in_force_with("norm", "measure") }}
