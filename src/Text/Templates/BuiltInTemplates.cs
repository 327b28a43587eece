namespace Causerie.Text.Templates;

/// <summary>Templates of our own, for a model file that has none.</summary>
public static class BuiltInTemplates
{
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
}
