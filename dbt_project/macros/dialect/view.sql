{#- A view in one statement. dbt's own way makes it beside the old one, renames both and drops one:
    needed where `create or replace` is not atomic, and twice as slow where it is. -#}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none and existing.type != 'view' -%}
        {{ drop_relation_if_exists(existing) }}
    {%- endif -%}
    {% call statement('main') -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(sql) }}
        {%- endif %}
        create or replace view {{ target }} as ({{ sql }})
    {%- endcall %}
    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
