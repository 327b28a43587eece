namespace Causerie.Text.Templates;

/// <summary>Templates by name, for a model file that has none or only names one.</summary>
public static class BuiltInTemplates
{
    /// <summary>The names, for messages.</summary>
    public static IReadOnlyList<string> Names { get; } = ["chatml", "gemma", "llama2", "llama3"];

    /// <summary>ChatML (OpenAI, 2023), which most models without a template of their own have seen.</summary>
    public static string ChatMl =>
        """
        {% for message in messages %}
        {{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
        {%- endfor %}
        {% if add_generation_prompt %}
        {{ '<|im_start|>assistant\n' }}
        {%- endif %}
        """;

    /// <summary>The source of a template, or null where the name is unknown.</summary>
    public static string? Find(string name) => name switch
    {
        "chatml" => ChatMl,
        "gemma" => Gemma,
        "llama2" => Llama2,
        "llama3" => Llama3,
        _ => null,
    };

    private static string Gemma =>
        """
        {{ bos_token }}
        {%- for message in messages %}
        {%- if message.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
        {%- set role = 'model' if message.role == 'assistant' else message.role %}
        {{- '<start_of_turn>' + role + '\n' + message.content | trim + '<end_of_turn>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}
        """;

    private static string Llama2 =>
        """
        {%- set ns = namespace(system='') %}
        {%- for message in messages %}
        {%- if message.role == 'system' %}
        {%- set ns.system = '<<SYS>>\n' + message.content + '\n<</SYS>>\n\n' %}
        {%- elif message.role == 'user' %}
        {{- bos_token + '[INST] ' + ns.system + message.content + ' [/INST]' }}
        {%- set ns.system = '' %}
        {%- else %}
        {{- ' ' + message.content + ' ' + eos_token }}
        {%- endif %}
        {%- endfor %}
        """;

    private static string Llama3 =>
        """
        {{ bos_token }}
        {%- for message in messages %}
        {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' + message.content | trim + '<|eot_id|>' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
        """;
}
