namespace Causerie.Training.Corpus;

/// <summary>Rows of words and facts that fill the slots of phrases.</summary>
public abstract class Table
{
    /// <summary>What slots call it.</summary>
    public abstract string Name { get; }

    /// <summary>Its columns.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Draws a row, as many cells as columns.</summary>
    public abstract IReadOnlyList<string> Draw(Dice dice);
}

/// <summary>A table that is worked out; subclasses in this assembly are found by themselves, one file each.</summary>
public abstract class ComputedTable : Table
{
    /// <summary>Every computed table of this assembly.</summary>
    internal static IReadOnlyList<ComputedTable> Discover() =>
    [
        .. typeof(ComputedTable).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(ComputedTable)) && !type.IsAbstract)
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => (ComputedTable)Activator.CreateInstance(type, nonPublic: true)!),
    ];
}

/// <summary>A table from a file: column names, then rows, cells parted by tabs.</summary>
public sealed class StaticTable : Table
{
    private readonly string[][] _rows;

    private StaticTable(string name, string[] columns, string[][] rows) => (Name, Columns, _rows) = (name, columns, rows);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; }

    /// <summary>The rows.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice) => _rows[dice.Next(_rows.Length)];

    /// <summary>Reads a table.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">The file's text.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="CorpusException">A row is not as wide as the first, or there is none.</exception>
    public static StaticTable Parse(string name, string text, string path)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        string[] columns = lines[0].Split('\t');
        if (columns.Any(string.IsNullOrWhiteSpace) || columns.Distinct(StringComparer.Ordinal).Count() != columns.Length)
            throw new CorpusException($"{path}, line 1: column names are given, and once each.");
        var rows = new List<string[]>();
        for (int i = 1; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
                continue;
            string[] cells = lines[i].Split('\t');
            if (cells.Length != columns.Length)
                throw new CorpusException($"{path}, line {i + 1}: {cells.Length} cells, where the columns are {columns.Length}.");
            foreach (string cell in cells)
                Check(cell, path, i + 1);
            rows.Add(cells);
        }
        return rows.Count > 0
            ? new StaticTable(name, columns, [.. rows])
            : throw new CorpusException($"{path} has no rows.");
    }

    private static void Check(string cell, string path, int line)
    {
        if (string.IsNullOrWhiteSpace(cell))
            throw new CorpusException($"{path}, line {line}: a cell is empty.");
        if (!Phrase.HasAlternatives(cell) && !cell.Contains("<<", StringComparison.Ordinal))
            return;
        try
        {
            if (PhraseParser.Parse(cell).Slots.Any())
                throw new CorpusException($"{path}, line {line}: a cell has no slots.");
        }
        catch (FormatException e)
        {
            throw new CorpusException($"{path}, line {line}: {e.Message}", e);
        }
    }
}

/// <summary>All tables by name.</summary>
/// <param name="tables">The tables.</param>
public sealed class TableSet(IEnumerable<Table> tables)
{
    private readonly Dictionary<string, Table> _byName = tables.ToDictionary(table => table.Name, StringComparer.Ordinal);

    /// <summary>The table of that name, or null.</summary>
    public Table? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>What is wrong with a slot, or null.</summary>
    public string? Problem(Phrase.Slot slot) =>
        Find(slot.Table) is not { } table ? $"there is no table '{slot.Table}'"
        : !table.Columns.Contains(slot.Column)
            ? $"table '{slot.Table}' has no column '{slot.Column}', but {string.Join(", ", table.Columns)}"
        : slot.Number > 1 && !HasRows(table, slot.Number)
            ? $"table '{slot.Table}' has no {slot.Number} different rows"
        : null;

    /// <summary>Whether a file's rows are enough for slots that want others; computed ones always are.</summary>
    private static bool HasRows(Table table, int number) => table is ComputedTable
        || (table is StaticTable file && file.Rows.DistinctBy(row => string.Join('\t', row)).Take(number).Count() == number);
}

/// <summary>The rows that one use of a topic drew: each table's first, second … row stays the same throughout.</summary>
/// <param name="tables">The tables.</param>
public sealed class RowSet(TableSet tables)
{
    private const int Tries = 100;

    private readonly Dictionary<(string Table, int Number), IReadOnlyList<string>> _rows = [];

    /// <summary>A slot's cell.</summary>
    internal string Cell(Phrase.Slot slot, Dice dice)
    {
        var table = tables.Find(slot.Table)!;
        if (!_rows.TryGetValue((slot.Table, slot.Number), out var row))
        {
            row = table.Draw(dice);
            for (int i = 0; i < Tries && Taken(slot.Table, row); i++)
                row = table.Draw(dice);
            _rows.Add((slot.Table, slot.Number), row);
        }
        for (int i = 0; i < table.Columns.Count; i++)
        {
            if (table.Columns[i] == slot.Column)
                return row[i];
        }
        throw new CorpusException($"Table '{slot.Table}' has no column '{slot.Column}'.");
    }

    private bool Taken(string table, IReadOnlyList<string> row) =>
        _rows.Any(known => known.Key.Table == table && known.Value.SequenceEqual(row));
}
