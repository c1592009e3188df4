{#- Tables of the contracts as rows: name, source, title and who owes it. The descriptions of the
    sources are written from the contracts. -#}
{% macro raw_tables() %}
    {%- if execute %}
        {%- for node in graph.sources.values() if node.source_name == "raw" %}
            {%- set meta = node.config.meta %}
            {%- set title = node.description.split(". ")[0] %}
            select
                '{{ node.name }}' as table_name,
                '{{ meta.source }}' as source,
                '{{ title }}' as title,
                '{{ meta.producer }}' as producer
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    {%- else %} select '' as table_name, '' as source, '' as title, '' as producer
    {%- endif %}
{% endmacro %}
