namespace Causerie.Text.Grammars.Schemas;

/// <summary>How a schema is read.</summary>
public sealed record SchemaOptions
{
    /// <summary>Whether <c>format</c> is held to; by the standard it is a remark unless a dialect says otherwise.</summary>
    public bool EnforceFormats { get; init; } = true;

    /// <summary>Whether whole numbers are written without a fraction or an exponent; by the standard 1.0 is one, too.</summary>
    public bool PlainIntegers { get; init; }
}
