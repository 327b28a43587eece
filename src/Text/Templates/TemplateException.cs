namespace Causerie.Text.Templates;

/// <summary>A template that cannot be compiled or rendered, with the reason and the place.</summary>
public sealed class TemplateException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The reason alone, without the place.</summary>
    public string Reason => base.Message;

    /// <summary>Line in the template, from 1; 0 where the place is not known.</summary>
    public int Line { get; private set; }

    /// <summary>Column in the line, from 1, in UTF-16 units; 0 where the place is not known.</summary>
    public int Column { get; private set; }

    /// <summary>The reason and, where known, the place.</summary>
    public override string Message => Line == 0 ? Reason : $"{Reason} (line {Line}, column {Column})";

    /// <summary>Notes the place unless a more exact one is already noted.</summary>
    internal void Locate(string source, int offset)
    {
        if (Line != 0)
            return;
        var before = source.AsSpan(0, Math.Clamp(offset, 0, source.Length));
        Line = before.Count('\n') + 1;
        Column = before.Length - before.LastIndexOf('\n');
    }
}
