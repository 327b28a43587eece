using System.CommandLine;
using Causerie.Host.Models;
using Causerie.Inference.Gguf;

namespace Causerie.Host.Commands;

/// <summary>MODEL: a path, or the name of a model in the data folder, for every command that works on one.</summary>
internal sealed class ModelArgument
{
    private readonly Argument<string?> _model;

    /// <summary>Adds MODEL to <paramref name="command"/>.</summary>
    /// <param name="command">The command.</param>
    /// <param name="name">What stands for it in the help.</param>
    /// <param name="description">What it is; null says what it is everywhere.</param>
    /// <param name="optional">Whether the built-in model stands in where none is named.</param>
    public ModelArgument(Command command, string name = "MODEL", string? description = null, bool optional = false)
    {
        _model = new Argument<string?>(name)
        {
            Description = description ?? "A .gguf file, or the name of a model that 'causerie list' shows",
            Arity = optional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
        };
        command.Add(_model);
    }

    /// <summary><c>--data</c>; <see cref="ComputeOptions"/> adds it, or <see cref="AddDataOption"/>.</summary>
    public DataOption Data { get; } = new();

    /// <summary>Adds <c>--data</c>, where the command's other options are in place.</summary>
    public void AddDataOption(Command command) => command.Add(Data);

    /// <summary>What was typed, or null.</summary>
    public string? Text(ParseResult arguments) => arguments.GetValue(_model);

    /// <summary>The file that is meant.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public string Resolve(ParseResult arguments, Terminal terminal) =>
        Resolve(Text(arguments) ?? BuiltInModel.Id, arguments, terminal);

    /// <summary>The file of a model that is named.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public string Resolve(string model, ParseResult arguments, Terminal terminal)
    {
        if (File.Exists(model))
            return Path.GetFullPath(model);
        string? builtIn = terminal.BuiltIn;
        if (builtIn is not null && model == BuiltInModel.Id && !HasDataFolder(arguments, terminal))
            return builtIn;
        try
        {
            return new ModelStore(Data.Folder(arguments, terminal), builtIn).Resolve(model);
        }
        catch (FileNotFoundException e)
        {
            throw new CommandException(e.Message, inner: e);
        }
    }

    /// <summary>The model, open.</summary>
    public GgufFile Open(ParseResult arguments, Terminal terminal) => GgufFile.Open(Resolve(arguments, terminal));

    // The built-in model needs no folder, and there may be no home to have one in.
    private bool HasDataFolder(ParseResult arguments, Terminal terminal)
    {
        try
        {
            return Directory.Exists(Data.Folder(arguments, terminal));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
